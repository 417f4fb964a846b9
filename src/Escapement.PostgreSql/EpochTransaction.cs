using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.PostgreSql;

/// <summary>Signs of life of nodes, and changes of epochs.</summary>
static class EpochTransaction
{
    /// <summary>Writes a sign of life and reads the current view of the store.</summary>
    public static async Task<Look> SignAsync(Transaction tx, Sign sign)
    {
        var db = tx.Db;
        switch (sign)
        {
            case Sign.Enter enter:
                await EpochTable.EnterAsync(db, enter);
                break;
            case Sign.Probe probe:
                // Even without an epoch, the probe proves that the store is writable.
                if (await EpochTable.LockAsync(db, probe.Seen.Number) is { } probed)
                    await EpochTable.WriteAsync(db, EpochRules.Probe(probed, probe.Seen));
                else await StateTable.ProbeAsync(db);
                tx.Notify(StoreSignal.Probe);
                break;
        }

        return (await LookRows.ReadAsync(db, sign is Sign.Enter)).Look;
    }

    /// <summary>Begins an epoch, ends other epochs and settles the runs of lost nodes, or changes nothing.</summary>
    /// <remarks>The rows of the state and of the epochs are locked first. The runs are looked for in later statements, so that the
    /// runs of a claim under way are found.</remarks>
    public static async Task<EpochChanged> ChangeAsync(Transaction tx, EpochChange change, ActiveSetting setting)
    {
        var db = tx.Db;
        await StateTable.LockAsync(db, alone: true);
        var rows = await EpochTable.LockAsync(db,
            [.. change.Ends.Select(end => end.Seen.Number), .. change.By is var (_, own) ? [own] : Array.Empty<long>()]);
        if (change.Begin is not null) change = setting.Admit(change, rows);
        var before = rows.Count > 0 ? rows[^1].Number : 0;
        await tx.ReadClockAsync();
        if (EpochRules.Change(change, rows, (await StateTable.ReadAsync(db)).Scheduler, tx.Now) is not { } plan)
            return new() { Before = await EpochTable.FindAsync(db, before) };

        foreach (var row in plan.Ends) await EpochTable.WriteAsync(db, row);
        var begun = plan.Begins is { } begins ? await EpochTable.AddAsync(db, begins) : null;
        await StateTable.StampAsync(db);
        if (change.StepDown?.Unanswered is { } claim) await EndTransaction.PutBackAsync(tx, change.By!.Value.Epoch, claim);
        var settled = await EndTransaction.SettleAsync(tx, change.Lost);
        if (plan.Removes.Count > 0) await EpochTable.RemoveAsync(db, plan.Removes);
        tx.Notify(plan.Signal);
        return new() { Done = true, Begun = begun, Before = await EpochTable.FindAsync(db, before), Settled = settled };
    }
}
