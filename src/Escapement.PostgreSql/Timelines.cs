using System.Collections.Concurrent;
using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Extensions.Logging;

namespace Escapement.PostgreSql;

/// <summary>The timeline of the server, which a promoted replica raises, and the epochs of this process that began under an earlier
/// timeline. The newest commits may be missing on a promoted replica, so that these epochs claim nothing and beat no more.</summary>
/// <param name="place">The database, for people.</param>
/// <param name="log">The log.</param>
sealed class Timelines(string place, ILogger log)
{
    /// <summary>Far more tokens than a replica can lack.</summary>
    const long Jump = 1_000_000_000;

    static readonly Sql RaiseTokens = new($"""
        select setval(s, coalesce(pg_sequence_last_value(s), 0) + {Jump}) from (select 'esc.token'::regclass s) t
        where has_sequence_privilege(s, 'update')
        """);

    readonly ConcurrentDictionary<long, long> begun = new();
    readonly Lock gate = new();
    long current, newest;
    volatile bool hasFailedOver;

    /// <summary>The newest timeline that was seen, or 0 if unknown.</summary>
    public long Current => Interlocked.Read(ref current);

    /// <summary>Called when a session shows another timeline than the sessions before.</summary>
    public Action Changed { get; init; } = () => { };

    /// <summary>Takes the timeline of a session.</summary>
    /// <exception cref="StoreUnavailableException">The timeline is older than another session's.</exception>
    public void See(long timeline)
    {
        if (timeline == 0) return;
        long before;
        lock (gate)
        {
            before = current;
            if (timeline < before)
            {
                throw new StoreUnavailableException(
                    $"The store {place} answered as a server of timeline {timeline}, but the server of timeline {before} replaced that server. Stop the old server. If the database was restored on purpose, restart this process.");
            }

            current = timeline;
        }

        if (before == 0 || before == timeline) return;
        hasFailedOver = true;
        PostgreSqlLog.FailedOver(log, before, timeline);
        Changed();
    }

    /// <summary>Takes the numbers of epochs, so that no later epoch of this process has an equal number.</summary>
    public void See(Look look)
    {
        lock (gate) newest = Math.Max(newest, look.Newest?.Number ?? 0);
    }

    /// <summary>Returns true if an epoch of this process began under an earlier timeline.</summary>
    public bool IsOld(long epoch) => begun.TryGetValue(epoch, out var timeline) && timeline != Current;

    /// <summary>Returns a heartbeat's look without its own epoch, under which the node may not claim.</summary>
    public static Look Without(Look look, long epoch) => new()
    {
        Living = [.. look.Living.Where(row => row.Number != epoch)],
        Draining = look.Draining,
        Newest = look.Newest,
        State = look.State,
        Nodes = look.Nodes,
        NextDue = look.NextDue,
    };

    /// <summary>Changes epochs. The first epoch after a change of the timeline has a higher number than all that this process saw, and
    /// its tokens are above the tokens that the replica may lack.</summary>
    public async Task<EpochChanged> ChangeAsync(Transaction tx, EpochChange change, ActiveSetting setting)
    {
        if (change.By is var (_, own) && IsOld(own)) return new();
        var follows = change.Begin is not null && hasFailedOver;
        if (follows)
        {
            lock (gate) change = change with { Floor = Math.Max(change.Floor, newest) };
        }

        var changed = await EpochTransaction.ChangeAsync(tx, change, setting);
        if (changed.Begun is not null && follows) await tx.Db.CallAsync(RaiseTokens);
        return changed;
    }

    /// <summary>Takes a change of epochs after its commit. A change whose commit was lost is made again under the same rules.</summary>
    /// <param name="change">The change.</param>
    /// <param name="changed">Its result.</param>
    /// <param name="timeline">The timeline of its session.</param>
    public void Committed(EpochChange change, EpochChanged changed, long timeline)
    {
        if (changed.Begun is { } epoch)
        {
            begun[epoch.Number] = timeline;
            lock (gate) newest = Math.Max(newest, epoch.Number);
            if (timeline == Current) hasFailedOver = false;
        }
        else if (changed.Done && change.StepDown is not null)
        {
            // The runs of a draining node end as its own, if the replica has them.
            begun.TryRemove(change.By!.Value.Epoch, out _);
        }
    }
}
