using System.Text.Json;
using Escapement.Ledger;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>Epochs and nodes.</summary>
static class EpochTable
{
    public static Epoch? Newest(SqliteSession db) => First(db[SqliteStatements.NewestEpoch]);

    public static Epoch? Before(SqliteSession db, long number) => First(db[SqliteStatements.EpochBefore].With(number));

    public static List<Epoch> Since(SqliteSession db, long since)
    {
        List<Epoch> epochs = [];
        var row = db[SqliteStatements.EpochsSince].With(since);
        while (row.Read()) epochs.Add(Read(row));
        return epochs;
    }

    static Epoch? First(Statement row)
    {
        if (!row.Read()) return null;
        var epoch = Read(row);
        row.Reset();
        return epoch;
    }

    static Epoch Read(Statement row) => new()
    {
        Number = row.Long(0),
        Node = Name(row, 1),
        Begun = Instant.FromMicros(row.Long(6)),
        WithLock = row.Long(7) != 0,
        Beat = row.Long(8),
        LastSign = Instant.FromMicros(row.Long(9)),
        Ended = StateTable.Maybe(row, 10),
        How = (EpochEnd?)row.Maybe(11),
        EndedBy = row.MaybeText(12),
        DrainUntil = StateTable.Maybe(row, 13),
        Questions = row.Long(14),
    };

    static NodeName Name(Statement row, int column) => new(
        row.Text(column), row.Int(column + 1), row.Text(column + 2), Instant.FromMicros(row.Long(column + 3)), row.MaybeText(column + 4));

    static Statement With(Statement statement, NodeName node) =>
        statement.With(node.Id).With(node.Pid).With(node.Host).With(node.StartedAt.ToMicros()).With(node.LifeLock);

    /// <summary>The number of the last claim; it goes on over all epochs.</summary>
    public static long Token(SqliteSession db) => db[SqliteStatements.Token].Scalar() ?? 0;

    /// <summary>A sign of life, with as many claims as were made.</summary>
    public static void Beat(Transaction tx, long epoch, int claims) => tx.Db[SqliteStatements.Beat].With(tx.NowMicros).With(claims).With(epoch).Run();

    public static void Enter(SqliteSession db, NodeName node, IReadOnlyCollection<string> declares) =>
        With(db[SqliteStatements.EnterNode], node).With(JsonSerializer.Serialize([.. declares], TextList.Default.StringArray)).Run();

    public static Look Look(SqliteSession db)
    {
        List<KnownNode> nodes = [];
        var row = db[SqliteStatements.Nodes];
        while (row.Read())
            nodes.Add(new(Name(row, 0), JsonSerializer.Deserialize(row.Text(5), TextList.Default.StringArray)!, row.Int(7), StateTable.Maybe(row, 6)));
        return new(Newest(db), StateTable.Read(db).Scheduler, nodes);
    }

    /// <summary>Begins an epoch and settles what lost nodes left, or changes nothing.</summary>
    public static Raised Raise(Transaction tx, RaiseRequest request, bool rehearsal = false)
    {
        var db = tx.Db;
        var state = StateTable.Read(db);
        var newest = Newest(db);
        if (!rehearsal && (state.Scheduler.ShutDown is not null || Rules.EpochSeen.Of(newest) != request.Seen)) return new(null, newest, 0);

        tx.Refresh(state.Definitions);
        if (newest is { Ended: null })
        {
            db[SqliteStatements.EndEpoch].With((long)request.Why).With(request.Node.Id).With(newest.Number).Run();
            newest = newest with { Ended = newest.LastSign, How = request.Why, EndedBy = request.Node.Id };
        }
        var number = Math.Max(newest?.Number ?? 0, request.Floor) + 1;
        With(db[SqliteStatements.AddEpoch].With(number), request.Node).With(tx.NowMicros).With(request.WithLock).With(tx.NowMicros).With(Token(db)).Run();
        db[SqliteStatements.Drains].With((long?)null).With(request.Node.Id).Run();

        var settled = Settlement.OfOvertaken(tx, number) + Settlement.OfLost(tx, number, request.Lost);
        if (newest is { How: EpochEnd.ProcessGone } gone && gone.Node.Id != request.Node.Id) Forget(db, gone.Node.Id);
        tx.Bells |= Bell.Epoch;
        return new(Newest(db), newest, settled);
    }

    /// <summary>Ends an epoch that was begun in the file before this one: what its node has written since is not here.</summary>
    public static void EndReplaced(SqliteSession db, long epoch) =>
        db[SqliteStatements.EndEpoch].With((long)EpochEnd.StoreReplaced).With((string?)null).With(epoch).Run();

    public static void Forget(SqliteSession db, string node) => db[SqliteStatements.ForgetNode].With(node).Run();

    /// <summary>Whether this is the newest epoch, of this node, and goes on.</summary>
    public static bool IsCurrent(Epoch? newest, string node, long epoch) => newest is { Ended: null } && newest.Number == epoch && newest.Node.Id == node;

    public static bool Leave(Transaction tx, LeaveRequest request)
    {
        if (!IsCurrent(Newest(tx.Db), request.Node, request.Epoch)) return false;
        tx.Db[SqliteStatements.LeaveEpoch].With(tx.NowMicros).With((long)request.How).With(request.DrainUntil.ToMicros()).With(request.Epoch).Run();
        tx.Db[SqliteStatements.Drains].With(request.DrainUntil.ToMicros()).With(request.Node).Run();
        tx.Bells |= Bell.Epoch;
        return true;
    }
}

/// <summary>The JSON form of a list of texts, without reflection.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
sealed partial class TextList : System.Text.Json.Serialization.JsonSerializerContext;
