using System.Text.Json;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>Epochs and nodes.</summary>
static class EpochTable
{
    public static Epoch? Newest(SqliteSession db) => First(db[SqliteStatements.NewestEpoch])?.Epoch;

    public static Epoch? Row(SqliteSession db, long number) => First(db[SqliteStatements.EpochByNumber].With(number))?.Epoch;

    /// <summary>Returns an epoch and the last fencing token over all epochs, or null if the epoch does not
    /// exist.</summary>
    public static (Epoch Epoch, long Token)? WithToken(SqliteSession db, long number) =>
        First(db[SqliteStatements.EpochByNumber].With(number));

    public static List<Epoch> Recent(SqliteSession db) => All(db[SqliteStatements.RecentEpochs]);

    public static List<Epoch> OfSpan(SqliteSession db, long from, long to) => All(db[SqliteStatements.EpochsOfSpan].With(from).With(to));

    static List<Epoch> All(Statement row)
    {
        List<Epoch> epochs = [];
        while (row.Read()) epochs.Add(Read(row));
        return epochs;
    }

    static (Epoch Epoch, long Token)? First(Statement row)
    {
        if (!row.Read()) return null;
        var first = (Read(row), row.Long(16));
        row.Reset();
        return first;
    }

    /// <summary>The largest lease in microseconds, ten years. A larger value was written by hand.</summary>
    const long MaxLease = 10 * 366 * 24 * 3_600 * 1_000_000L;

    static Epoch Read(Statement row) => new()
    {
        Number = row.Long(0),
        Node = Name(row, 1),
        Begun = Instant.FromMicros(row.Long(6)),
        WithLock = row.Long(7) != 0,
        Heartbeat = row.Long(8),
        LastSign = Instant.FromMicros(row.Long(9)),
        Ended = StateTable.Maybe(row, 10),
        How = (EpochEnd?)row.Maybe(11),
        EndedBy = row.MaybeText(12),
        DrainUntil = StateTable.Maybe(row, 13),
        Probes = row.Long(14),
        Claims = row.Long(15),
        Lease = row.Maybe(17) is { } lease and >= 0 and <= MaxLease ? TimeSpan.FromMicroseconds(lease) : null,
    };

    static NodeName Name(Statement row, int column) => new(
        row.Text(column), row.Int(column + 1), row.Text(column + 2), Instant.FromMicros(row.Long(column + 3)), row.MaybeText(column + 4));

    static Statement With(Statement statement, NodeName node) =>
        statement.With(node.Id).With(node.Pid).With(node.Host).With(node.StartedAt.ToMicros()).With(node.LifeLock);

    /// <summary>Writes a row as computed by a rule.</summary>
    public static void Write(SqliteSession db, Epoch row, long token) =>
        db[SqliteStatements.WriteEpoch].With(row.Heartbeat).With(row.LastSign.ToMicros()).With(row.Ended?.ToMicros())
        .With((long?)row.How).With(row.EndedBy).With(row.DrainUntil?.ToMicros()).With(row.Probes).With(row.Claims).With(token)
            .With(row.Number).Run();

    /// <summary>Writes a sign of life and reads the current view of the store.</summary>
    public static Look Sign(Transaction tx, Sign sign)
    {
        var db = tx.Db;
        switch (sign)
        {
            case Stores.Sign.Enter enter:
                With(db[SqliteStatements.EnterNode], enter.Node).With(Text(enter.Declares)).With(Text(enter.Handlers)).Run();
                break;
            case Stores.Sign.Heartbeat beat when WithToken(db, beat.Epoch) is var (row, token) && EpochRules.MayHeartbeat(row, beat.Node):
                Write(db, EpochRules.Heartbeat(row, tx.Now), token);
                break;
            case Stores.Sign.Probe probe:
                // Even without an epoch, the probe proves that the store is writable.
                if (WithToken(db, probe.Seen.Number) is var (probed, last)) Write(db, EpochRules.Probe(probed, probe.Seen), last);
                else db[SqliteStatements.CountProbe].Run();
                tx.Notify(StoreSignal.Probe);
                break;
        }

        return Look(db, sign is Stores.Sign.Enter);
    }

    /// <summary>Reads the current view of the store: state, nodes, and the newest and all living epochs.</summary>
    /// <param name="db">The connection.</param>
    /// <param name="declares">True to include the job ids that the nodes declare.</param>
    public static Look Look(SqliteSession db, bool declares = false)
    {
        List<KnownNode> nodes = [];
        var row = db[SqliteStatements.Nodes];
        while (row.Read())
        {
            nodes.Add(new(Name(row, 0), row.Int(7), StateTable.Maybe(row, 6)) { Declares = declares ? List(row.Text(5)) : [] });
        }

        var epochs = All(db[SqliteStatements.LivingAndNewestEpochs]);
        return new()
        {
            Living = epochs.FindAll(epoch => epoch.Ended is null),
            Newest = epochs.Count > 0
            ? epochs[^1]
            : null,
            State = StateTable.Read(db).Scheduler,
            Nodes = nodes
        };
    }

    /// <summary>Begins an epoch, ends other epochs and settles the runs of lost nodes, or changes nothing.</summary>
    public static EpochChanged Change(Transaction tx, EpochChange change)
    {
        var db = tx.Db;
        var rows = All(db[SqliteStatements.LivingAndNewestEpochs]);
        var before = rows.Count > 0 ? rows[^1].Number : 0;
        if (EpochRules.Change(change, rows, tx.State.Scheduler, tx.Now) is not { } plan) return new() { Before = Row(db, before) };

        var token = WithToken(db, before)?.Token ?? 0;
        foreach (var row in plan.Ends)
        {
            Write(db, row, WithToken(db, row.Number)!.Value.Token);
            if (EpochRules.KeepsItsRuns(row.How)) db[SqliteStatements.Drains].With(row.DrainUntil?.ToMicros()).With(row.Node.Id).Run();
        }

        if (plan.Begins is { } begins)
        {
            With(db[SqliteStatements.AddEpoch].With(begins.Number), begins.Node).With(begins.Begun.ToMicros()).With(begins.WithLock)
                .With(begins.Lease is { } lease ? (long)lease.TotalMicroseconds : null).With(begins.Heartbeat).With(begins.LastSign.ToMicros()).With(token).Run();
            db[SqliteStatements.Drains].With((long?)null).With(begins.Node.Id).Run();
        }

        if (change.StepDown?.Unanswered is { } claim) EndTransaction.PutBack(tx, change.By!.Value.Epoch, claim);
        var settled = EndTransaction.Settle(tx, change.Lost);
        foreach (var node in plan.Removes) db[SqliteStatements.RemoveNode].With(node).Run();
        tx.Notify(plan.Signal);
        return new() { Done = true, Begun = plan.Begins, Before = Row(db, before), Settled = settled };
    }

    /// <summary>Ends an epoch that began in the previous file. This file lacks the later writes of the epoch's
    /// node.</summary>
    public static void EndReplaced(SqliteSession db, long upTo)
    {
        if (First(db[SqliteStatements.NewestEpoch]) is var (newest, token) && newest.Ended is null && newest.Number <= upTo)
            Write(db, newest with { Ended = newest.LastSign, How = EpochEnd.StoreReplaced }, token);
    }

    static string Text(IReadOnlyCollection<string> texts) => JsonSerializer.Serialize([.. texts], TextList.Default.StringArray);

    static string[] List(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, TextList.Default.StringArray) ?? [];
        }
        catch (JsonException)
        {
            // The row was edited by hand. An empty list retires no jobs.
            return [];
        }
    }
}

/// <summary>JSON serialisation of a list of strings, without reflection.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
sealed partial class TextList : System.Text.Json.Serialization.JsonSerializerContext;
