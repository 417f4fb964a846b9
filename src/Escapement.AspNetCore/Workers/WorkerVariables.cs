namespace Escapement.AspNetCore.Workers;

/// <summary>The environment variables of a worker. The worker removes the variables, so that its own child processes
/// are not workers.</summary>
static class WorkerVariables
{
    /// <summary>The name of the launcher's socket for this worker.</summary>
    public const string Link = "ESCAPEMENT_WORKER";

    /// <summary>The shared addresses, separated by semicolons.</summary>
    public const string Urls = "ESCAPEMENT_WORKER_URLS";

    /// <summary>The ASP.NET Core variable for assemblies that configure a host without changes to the
    /// program.</summary>
    const string HostingStartup = "ASPNETCORE_HOSTINGSTARTUPASSEMBLIES";

    static string Assembly => typeof(WorkerVariables).Assembly.GetName().Name!;

    /// <summary>Adds the variables to a worker's environment.</summary>
    public static void Write(IDictionary<string, string?> environment, string link, IReadOnlyList<string> urls)
    {
        environment[Link] = link;
        environment[Urls] = string.Join(';', urls);
        environment[HostingStartup] = environment.TryGetValue(HostingStartup, out var others) && !string.IsNullOrEmpty(others)
            ? $"{others};{Assembly}"
            : Assembly;
    }

    /// <summary>Removes the variables from this process's environment.</summary>
    /// <returns>The values, or null if this process is not a worker.</returns>
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
