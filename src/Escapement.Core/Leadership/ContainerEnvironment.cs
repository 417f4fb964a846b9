namespace Escapement.Leadership;

/// <summary>Detects environments in which this process probably has its own disk: a container, a Kubernetes pod, an App
/// Service instance.</summary>
static class ContainerEnvironment
{
    /// <summary>Returns the beginning of the warning sentence, or null if no such environment is detected.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="exists">Returns true if a file exists.</param>
    public static string? Detect(Func<string, string?> variable, Func<string, bool> exists)
    {
        if (variable("KUBERNETES_SERVICE_HOST") is { Length: > 0 })
        {
            return "This process runs in a Kubernetes pod (KUBERNETES_SERVICE_HOST is set)";
        }

        if (variable("WEBSITE_INSTANCE_ID") is { Length: > 0 })
        {
            return "This process runs in an App Service instance (WEBSITE_INSTANCE_ID is set)";
        }

        if (variable("CONTAINER_APP_NAME") is { Length: > 0 }) return "This process runs in a container app (CONTAINER_APP_NAME is set)";
        if (variable("DOTNET_RUNNING_IN_CONTAINER") is "true" or "1")
        {
            return "This process runs in a container (DOTNET_RUNNING_IN_CONTAINER is set)";
        }

        if (exists("/.dockerenv")) return "This process runs in a container (/.dockerenv exists)";
        if (exists("/run/.containerenv")) return "This process runs in a container (/run/.containerenv exists)";
        return null;
    }
}
