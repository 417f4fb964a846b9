using System.Text.Json;
using Escapement.Ledger;
using Escapement.Rows;
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

    /// <summary>Returns the epochs that touch a span, with the last epoch before and the first epoch after. The beginning of an
    /// epoch ends the epoch before, so an earlier epoch without an end ends at its last sign of life.</summary>
    public static List<Epoch> OfSpan(SqliteSession db, long from, long to, RowChecks checks)
    {
        var epochs = All(db[SqliteStatements.EpochsOfSpan].With(from).With(to), checks);
        for (var place = 0; place < epochs.Count - 1; place++)
        {
            if (epochs[place] is not { Ended: null } open) continue;
            var begun = open.Begun.ToMicros();
            checks.Add(new("epoch.ended", $"number {open.Number}"), "null", RowChecks.Range(begun, checks.Present), begun);
            epochs[place] = open with { Ended = open.LastSign, How = open.How ?? EpochEnd.LeaseOver };
        }

        return epochs;
    }

    /// <summary>Returns the living epochs and the newest epoch, oldest first.</summary>
    public static List<Epoch> LivingAndNewest(SqliteSession db) => All(db[SqliteStatements.LivingAndNewestEpochs]);

    static List<Epoch> All(Statement row, RowChecks? checks = null)
    {
        List<Epoch> epochs = [];
        while (row.Read())
        {
            var epoch = Read(row);
            epochs.Add(checks is null ? epoch : EpochChecks.Checked(epoch, new(row.Long(2), row.Long(6), row.Long(9), row.Maybe(10),
                row.Maybe(11), row.Maybe(17), row.Long(8), row.Long(15)), checks));
        }

        return epochs;
    }

    static (Epoch Epoch, long Token)? First(Statement row)
    {
        if (!row.Read()) return null;
        var first = (Read(row), row.Long(16));
        row.Reset();
        return first;
    }

    static Epoch Read(Statement row) => new()
    {
        Number = row.Long(0),
        Node = Name(row, 1),
        Begun = Instant.FromMicros(row.Long(6)),
        WithLock = row.Long(7) != 0,
        Heartbeat = row.Long(8),
        LastSign = Instant.FromMicros(row.Long(9)),
        Ended = row.MaybeInstant(10),
        How = (EpochEnd?)row.Maybe(11),
        EndedBy = row.MaybeText(12),
        DrainUntil = row.MaybeInstant(13),
        Probes = row.Long(14),
        Claims = EpochChecks.Claims(row.Long(15)),
        Lease = row.Maybe(17) is { } lease and >= 0 and <= EpochChecks.MaxLease ? TimeSpan.FromMicroseconds(lease) : null,
    };

    /// <summary>Reads a node. The process id is 0 if a process cannot have written the stored id.</summary>
    static NodeName Name(Statement row, int column) => new(
        row.Text(column), row.Long(column + 1) is >= 0 and <= int.MaxValue and var pid ? (int)pid : 0, row.Text(column + 2), Instant.FromMicros(row.Long(column + 3)), row.MaybeText(column + 4));

    static Statement With(Statement statement, NodeName node) =>
        statement.With(node.Id).With(node.Pid).With(node.Host).With(node.StartedAt.ToMicros()).With(node.LifeLock);

    public static void Add(SqliteSession db, Epoch row, long token) =>
        With(db[SqliteStatements.AddEpoch].With(row.Number), row.Node).With(row.Begun.ToMicros()).With(row.WithLock)
            .With(row.Lease is { } lease ? (long)lease.TotalMicroseconds : null).With(row.Heartbeat).With(row.LastSign.ToMicros())
            .With(token).Run();

    /// <summary>Writes a node that serves.</summary>
    public static void Enter(SqliteSession db, Sign.Enter enter) =>
        With(db[SqliteStatements.EnterNode], enter.Node).With(Text(enter.Declares)).With(Text(enter.Handlers)).Run();

    /// <summary>Writes a row as computed by a rule.</summary>
    public static void Write(SqliteSession db, Epoch row, long token) =>
        db[SqliteStatements.WriteEpoch].With(row.Heartbeat).With(row.LastSign.ToMicros()).With(row.Ended?.ToMicros())
        .With((long?)row.How).With(row.EndedBy).With(row.DrainUntil?.ToMicros()).With(row.Probes).With(row.Claims).With(token)
            .With(row.Number).Run();

    /// <summary>Reads the current view of the store: state, nodes, and the newest and all living epochs.</summary>
    /// <param name="db">The connection.</param>
    /// <param name="declares">True to include the job ids that the nodes declare.</param>
    public static Look Look(SqliteSession db, bool declares = false)
    {
        List<KnownNode> nodes = [];
        var row = db[SqliteStatements.Nodes];
        while (row.Read())
        {
            nodes.Add(new(Name(row, 0), row.Int(7), row.MaybeInstant(6)) { Declares = declares ? List(row.Text(5)) : [] });
        }

        var epochs = LivingAndNewest(db);
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
