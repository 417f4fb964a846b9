using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Extensions.Logging;

namespace Escapement.Engine;

/// <summary>What the active node writes.</summary>
enum Written
{
    Heartbeat,
    Claim,

    /// <summary>What follows a heartbeat: the runs of lost nodes, the marks of the ledger.</summary>
    Upkeep,
}

/// <summary>What keeps the active node from writing: logged once when it begins and once when it is over, and shown all the while.</summary>
/// <param name="clock">Stamps its beginning and its end.</param>
/// <param name="log">The story.</param>
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

    /// <summary>A heartbeat or a claim failed. Where the store cannot be reached, that is an outage of the store.</summary>
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

    /// <summary>A heartbeat was accepted, or a claim was answered. A claim that found nothing due wrote nothing, so heartbeats that fail are not over by it, and a heartbeat does not prove that claims succeed.</summary>
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

    /// <summary>The store was reached, whatever it answered: an outage lasts until nothing fails by it any more.</summary>
    void Reached(Written what)
    {
        if (!away.Remove(what) || away.Count > 0 || awaySince is not { } from) return;
        last = (from, clock.GetUtcNow());
        if (untold.Count < MaxOutages) untold.Add(last.Value);
        awaySince = null;
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
            if (awaySince is { } from) return [new(Reason.StoreUnavailable, from, DateTimeOffset.MaxValue)];
            return last is var (begin, end) ? [new(Reason.StoreUnavailable, begin, end)] : [];
        }
    }
}
