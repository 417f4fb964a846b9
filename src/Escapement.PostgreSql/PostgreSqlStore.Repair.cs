using Escapement.Stores;

namespace Escapement.PostgreSql;

public sealed partial class PostgreSqlStore
{
    /// <summary>The maximum number of values that a line of the log names.</summary>
    const int MaxTold = 10;

    readonly HashSet<string> toldSetAside = [];

    /// <summary>Corrects what a manual edit left in the table <c>due</c>, and names the jobs that are set aside, each once.</summary>
    async Task RepairAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RepairAllAsync(cancellationToken);
        }
        catch (StoreUnavailableException)
        {
            // The heartbeats log an outage. A retention that failed would repeat the search at once, so it is left to the next hour.
        }
    }

    async Task RepairAllAsync(CancellationToken cancellationToken)
    {
        if (await ReadAsync(DueRepair.HasOrphanAsync, cancellationToken))
        {
            await WriteAsync(async tx =>
            {
                await tx.ReadClockAsync();
                return await EndTransaction.SettleAsync(tx, []);
            }, cancellationToken);
        }

        DueDamage damage;
        List<string> corrected;
        do
        {
            damage = await ReadAsync(DueRepair.FindAsync, cancellationToken);
            if (damage.IsNone) return;
            corrected = await WriteAsync(tx => DueRepair.CorrectAsync(tx, damage), cancellationToken);
            Tell(corrected, (values, more) => PostgreSqlLog.Corrected(log, values, more));
        }
        while (damage.IsCut && corrected.Count > 0);
        if (damage.SetAside.Length == 0) return;
        var errors = await WriteAsync(tx => DueRepair.SetAsideAsync(tx, damage), cancellationToken);
        lock (toldSetAside) errors.RemoveAll(error => !toldSetAside.Add(error));
        Tell(errors, (values, more) => PostgreSqlLog.SetAside(log, values, more));
    }

    static void Tell(List<string> values, Action<string, int> write)
    {
        if (values.Count > 0) write(string.Join("; ", values.Take(MaxTold)), Math.Max(0, values.Count - MaxTold));
    }
}
