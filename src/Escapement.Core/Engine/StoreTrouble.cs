using Escapement.Ledger;
using Escapement.Rules;
using Microsoft.Extensions.Logging;

namespace Escapement.Engine;

/// <summary>What keeps the active node from writing: logged once when it begins and once when it is over, and shown all the while.</summary>
/// <param name="clock">Stamps its beginning and its end.</param>
/// <param name="log">The story.</param>
/// <param name="shows">Shows it as the node's state; null when it is over.</param>
sealed class StoreTrouble(TimeProvider clock, ILogger log, Action<string?> shows)
{
    const int MaxOutages = 100;

    readonly Lock gate = new();
    readonly List<(DateTimeOffset From, DateTimeOffset To)> untold = [];
    DateTimeOffset? since;
    (DateTimeOffset From, DateTimeOffset To)? last;

    /// <summary>A heartbeat or a claim could not be written.</summary>
    public void Met(string message)
    {
        lock (gate)
        {
            if (since is null) Log.ClaimsStopped(log, message);
            since ??= clock.GetUtcNow();
            shows(message);
        }
    }

    /// <summary>Something was written. A claim that found nothing due wrote nothing, and proves nothing.</summary>
    public void Over()
    {
        lock (gate)
        {
            if (since is not { } from) return;
            last = (from, clock.GetUtcNow());
            if (untold.Count < MaxOutages) untold.Add(last.Value);
            since = null;
            shows(null);
            Log.ClaimsGoOn(log);
        }
    }

    /// <summary>Returns the outages that the ledger does not have yet.</summary>
    public IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> TakeOutages()
    {
        lock (gate)
        {
            if (untold.Count == 0) return [];
            List<(DateTimeOffset, DateTimeOffset)> taken = [.. untold];
            untold.Clear();
            return taken;
        }
    }

    /// <summary>Returns what a claim is told about fire times that came due while the store was away.</summary>
    public IReadOnlyList<DelayCause> Causes()
    {
        lock (gate)
        {
            if (since is { } from) return [new(Reason.StoreUnavailable, from, DateTimeOffset.MaxValue)];
            return last is var (begin, end) ? [new(Reason.StoreUnavailable, begin, end)] : [];
        }
    }
}
