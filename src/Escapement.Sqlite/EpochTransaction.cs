using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>Signs of life of nodes, and changes of epochs.</summary>
static class EpochTransaction
{
    /// <summary>Writes a sign of life and reads the current view of the store.</summary>
    public static Look Sign(Transaction tx, Sign sign)
    {
        var db = tx.Db;
        switch (sign)
        {
            case Stores.Sign.Enter enter:
                EpochTable.Enter(db, enter);
                break;
            case Stores.Sign.Heartbeat beat when EpochTable.WithToken(db, beat.Epoch) is var (row, token) && EpochRules.MayHeartbeat(row, beat.Node):
                EpochTable.Write(db, EpochRules.Heartbeat(row, tx.Now), token);
                break;
            case Stores.Sign.Probe probe:
                // Even without an epoch, the probe proves that the store is writable.
                if (EpochTable.WithToken(db, probe.Seen.Number) is var (probed, last)) EpochTable.Write(db, EpochRules.Probe(probed, probe.Seen), last);
                else db[SqliteStatements.CountProbe].Run();
                tx.Notify(StoreSignal.Probe);
                break;
        }

        return EpochTable.Look(db, sign is Stores.Sign.Enter);
    }

    /// <summary>Begins an epoch, ends other epochs and settles the runs of lost nodes, or changes nothing.</summary>
    public static EpochChanged Change(Transaction tx, EpochChange change)
    {
        var db = tx.Db;
        var rows = EpochTable.LivingAndNewest(db);
        var before = rows.Count > 0 ? rows[^1].Number : 0;
        if (EpochRules.Change(change, rows, tx.State.Scheduler, tx.Now) is not { } plan) return new() { Before = EpochTable.Row(db, before) };

        var token = EpochTable.WithToken(db, before)?.Token ?? 0;
        foreach (var row in plan.Ends)
        {
            EpochTable.Write(db, row, EpochTable.WithToken(db, row.Number)!.Value.Token);
            if (EpochRules.KeepsItsRuns(row.How)) db[SqliteStatements.Drains].With(row.DrainUntil?.ToMicros()).With(row.Node.Id).Run();
        }

        if (plan.Begins is { } begins)
        {
            EpochTable.Add(db, begins, token);
            db[SqliteStatements.Drains].With((long?)null).With(begins.Node.Id).Run();
        }

        if (change.StepDown?.Unanswered is { } claim) EndTransaction.PutBack(tx, change.By!.Value.Epoch, claim);
        var settled = EndTransaction.Settle(tx, change.Lost);
        foreach (var node in plan.Removes) db[SqliteStatements.RemoveNode].With(node).Run();
        tx.Notify(plan.Signal);
        return new() { Done = true, Begun = plan.Begins, Before = EpochTable.Row(db, before), Settled = settled };
    }
}
