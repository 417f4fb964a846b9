namespace Escapement.AspNetCore.Workers;

/// <summary>What a worker learns from its environment. It takes them out again, so that programs which it starts itself are no workers.</summary>
static class WorkerVariables
{
    /// <summary>The name of the launcher's socket for this worker.</summary>
    public const string Link = "ESCAPEMENT_WORKER";

    /// <summary>The shared addresses, with semicolons between.</summary>
    public const string Urls = "ESCAPEMENT_WORKER_URLS";

    /// <summary>By this ASP.NET Core lets an assembly configure a host without the program's doing.</summary>
    const string HostingStartup = "ASPNETCORE_HOSTINGSTARTUPASSEMBLIES";

    static string Assembly => typeof(WorkerVariables).Assembly.GetName().Name!;

    /// <summary>Adds them to a worker's environment.</summary>
    public static void Write(IDictionary<string, string?> environment, string link, IReadOnlyList<string> urls)
    {
        environment[Link] = link;
        environment[Urls] = string.Join(';', urls);
        environment[HostingStartup] = environment.TryGetValue(HostingStartup, out var others) && !string.IsNullOrEmpty(others)
            ? $"{others};{Assembly}"
            : Assembly;
    }

    /// <summary>Takes them out of this process's environment.</summary>
    /// <returns>Null where this process is no worker.</returns>
    public static (string Link, string[] Urls)? Take()
    {
        if (Environment.GetEnvironmentVariable(Link) is not { Length: > 0 } link
            || Environment.GetEnvironmentVariable(Urls) is not { Length: > 0 } urls)
        {
            return null;
        }

        Environment.SetEnvironmentVariable(Link, null);
        Environment.SetEnvironmentVariable(Urls, null);
        var others = Environment.GetEnvironmentVariable(HostingStartup)?.Split(';').Where(name => name != Assembly).ToArray() ?? [];
        Environment.SetEnvironmentVariable(HostingStartup, others is [] ? null : string.Join(';', others));
        return (link, urls.Split(';'));
    }
}
