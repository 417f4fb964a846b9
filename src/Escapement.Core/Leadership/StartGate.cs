using Escapement.Ledger;

namespace Escapement.Leadership;

/// <summary>The facts about a process that decide whether it may request a lock.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="AllowedHosts">Host names in lower case, or <c>*</c> for any.</param>
/// <param name="SwitchedOffBy">The setting that switches scheduling off, or null.</param>
/// <param name="Server">The type name of the host's web server, or null without a web server.</param>
/// <param name="EntryAssembly">The name of the program.</param>
/// <param name="StartInTestHost">True if a test requests the scheduler.</param>
/// <param name="UnsafeFileSystem">The path and type of the file system of store and lock if locks are unreliable there,
/// or null.</param>
sealed record GateFacts(
    string Host, IReadOnlyList<string> AllowedHosts, string? SwitchedOffBy, string? Server, string? EntryAssembly, bool StartInTestHost,
    string? UnsafeFileSystem);

/// <summary>Decides whether this process may schedule at all. Checked before the lock, because a process that may not
/// schedule takes no lock.</summary>
static class StartGate
{
    /// <summary>The type name of the server of a test host.</summary>
    public const string TestServer = "TestServer";

    /// <summary>Returns the reason why the process may not schedule, with the decisive value, or null if it
    /// may.</summary>
    public static (Reason Reason, string Detail)? Check(GateFacts facts)
    {
        // Build-time OpenAPI generation runs the whole program, including hosted services, with a server that never
        // listens.
        if (facts.Server == "NoopServer" || facts.EntryAssembly is "GetDocument.Insider" or "dotnet-getdocument" or "ef")
            return (Reason.DesignTime, facts.Server == "NoopServer" ? "its server never listens" : facts.EntryAssembly!);
        if (facts.Server == TestServer && !facts.StartInTestHost) return (Reason.TestHost, TestServer);
        if (facts.SwitchedOffBy is { } key) return (Reason.SwitchedOff, key);
        if (!facts.AllowedHosts.Contains("*") && !facts.AllowedHosts.Contains(facts.Host.ToLowerInvariant()))
        {
            return (Reason.HostNotAllowed, facts.Host);
        }

        if (facts.UnsafeFileSystem is { } place) return (Reason.UnsafeFileSystem, place);
        return null;
    }
}
