using Escapement.Ledger;

namespace Escapement.Leadership;

/// <summary>What is known of a process before it asks for any lock.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="AllowedHosts">Host names, lower case; <c>*</c> for any.</param>
/// <param name="SwitchedOffBy">The setting that switches scheduling off; null when none does.</param>
/// <param name="Server">The type name of the web server that the host has; null when it has none.</param>
/// <param name="EntryAssembly">The name of the program.</param>
/// <param name="StartInTestHost">Whether a test asks for the scheduler.</param>
/// <param name="UnsafeFileSystem">The path and type of the file system of store and lock, when a lock there is not sure.</param>
sealed record GateFacts(
    string Host, IReadOnlyList<string> AllowedHosts, string? SwitchedOffBy, string? Server, string? EntryAssembly, bool StartInTestHost,
    string? UnsafeFileSystem);

/// <summary>May this process schedule at all, and why not. Asked before the lock: a process that may not takes none.</summary>
static class StartGate
{
    /// <summary>The reason for which the process may not schedule, with the value that decided it; null when it may.</summary>
    public static (Reason Reason, string Detail)? Check(GateFacts facts)
    {
        // Build-time OpenAPI runs the whole program, hosted services too, with a server that never listens.
        if (facts.Server == "NoopServer" || facts.EntryAssembly is "GetDocument.Insider" or "dotnet-getdocument" or "ef")
            return (Reason.DesignTime, facts.Server == "NoopServer" ? "its server never listens" : facts.EntryAssembly!);
        if (facts.Server == "TestServer" && !facts.StartInTestHost) return (Reason.TestHost, "TestServer");
        if (facts.SwitchedOffBy is { } key) return (Reason.SwitchedOff, key);
        if (!facts.AllowedHosts.Contains("*") && !facts.AllowedHosts.Contains(facts.Host.ToLowerInvariant()))
        {
            return (Reason.HostNotAllowed, facts.Host);
        }

        if (facts.UnsafeFileSystem is { } place) return (Reason.UnsafeFileSystem, place);
        return null;
    }
}
