using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Stores;

namespace Escapement.Hosting;

/// <summary>Warns if the store belongs to a container or machine with a disk of its own.</summary>
static class ScopeWarning
{
    /// <summary>Returns the sentence, or null if no warning applies.</summary>
    public static string? Of(IJobStore store, EscapementOptions options) =>
        !options.AllowLocalStore && store.Place.Scope is "this machine" or "this process"
        && ContainerEnvironment.Detect(Environment.GetEnvironmentVariable, File.Exists) is { } where
            ? ReasonText.Scope(where, store.Place.Shared ? store.Place.Name : null)
            : null;
}
