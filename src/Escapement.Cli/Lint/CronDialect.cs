namespace Escapement.Cli.Lint;

/// <summary>The program that reads an expression, and so decides about its meaning.</summary>
enum CronDialect
{
    /// <summary>Escapement, with all its forms.</summary>
    Escapement,

    /// <summary>The cron of Unix: cronie, Vixie cron and BusyBox.</summary>
    Unix,

    /// <summary>The controller of Kubernetes, which parses with robfig/cron.</summary>
    Kubernetes,

    /// <summary>GitHub Actions.</summary>
    GitHub,

    /// <summary>An unknown program.</summary>
    Other,
}
