namespace Escapement.Cli;

/// <summary>The exit codes of all commands.</summary>
static class ExitCode
{
    public const int Done = 0;
    public const int WrongCommandLine = 2;

    /// <summary>As the shell reports a process that SIGPIPE ended.</summary>
    public const int ClosedPipe = 141;
}
