using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Extensions.Logging;

namespace Escapement.Engine;

/// <summary>The kinds of writes of the active node.</summary>
enum Written
{
    Heartbeat,
    Claim,

    /// <summary>The upkeep after a heartbeat: the runs of lost nodes, the marks of the ledger.</summary>
    Upkeep,
}

/// <summary>
/// Tracks the failures that keep the active node from writing. Logged when the failures begin and when they are over,
/// and shown meanwhile.
/// </summary>
/// <param name="clock">The clock that stamps the beginning and the end.</param>
/// <param name="log">The log of the node.</param>
sealed class StoreOutage(TimeProvider clock, ILogger log)
{
    const int MaxOutages = 100;

    readonly Lock gate = new();
    readonly List<(DateTimeOffset From, DateTimeOffset To)> untold = [];
    readonly HashSet<Written> failing = [], away = [];
    DateTimeOffset? awaySince;
    (DateTimeOffset From, DateTimeOffset To)? last;

    /// <summary>The message of the last failure, or null if nothing fails.</summary>
    public string? Message { get; private set; }

    /// <summary>Records that a write failed. If the store cannot be reached, an outage of the store begins.</summary>
    public void Begin(Written what, Exception failure)
    {
        lock (gate)
        {
            var message = Failure.MessageOf(failure);
            if (failure is StoreUnavailableException)
            {
                if (awaySince is null) Log.ClaimsStopped(log, message);
                awaySince ??= clock.GetUtcNow();
                away.Add(what);
            }
            else
            {
                if (failing.Count == 0) Log.ClaimsFail(log, message);
                Reached(what);
            }

            failing.Add(what);
            Message = message;
        }
    }

    /// <summary>
    /// Records that a heartbeat was accepted or a claim was answered. Each kind of write ends only its own failures: a
    /// claim that found nothing due wrote nothing, and a heartbeat does not prove that claims succeed.
    /// </summary>
    public void End(Written what)
    {
        lock (gate)
        {
            if (!failing.Remove(what)) return;
            Reached(what);
            if (failing.Count > 0) return;
            Message = null;
            Log.ClaimsGoOn(log);
        }
    }

    /// <summary>
    /// Records that the store was reached, with any answer. An outage lasts until no kind of write fails to reach the
    /// store.
    /// </summary>
    void Reached(Written what)
    {
        if (!away.Remove(what) || away.Count > 0 || awaySince is not { } from) return;
        last = (from, clock.GetUtcNow());
        if (untold.Count < MaxOutages) untold.Add(last.Value);
        awaySince = null;
    }

    /// <summary>Returns the outages that are not yet in the ledger.</summary>
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

    /// <summary>
    /// Returns the causes of delay for a claim, for fire times that came due while the store was unavailable.
    /// </summary>
    public IReadOnlyList<DelayCause> Causes()
    {
        lock (gate)
        {
            if (awaySince is { } from) return [new(Reason.StoreUnavailable, from, DateTimeOffset.MaxValue)];
            return last is var (begin, end) ? [new(Reason.StoreUnavailable, begin, end)] : [];
        }
    }
}
