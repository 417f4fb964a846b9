namespace Escapement.PostgreSql;

public sealed partial class PostgreSqlStore
{
    /// <summary>The maximum number of values that a line of the log names.</summary>
    const int MaxTold = 10;

    readonly HashSet<string> toldSetAside = [];

    /// <summary>Corrects what a manual edit left in the table <c>due</c>, and names the jobs that are set aside, each once.</summary>
    async Task RepairAsync(CancellationToken cancellationToken)
    {
        if (await ReadAsync(DueRepair.HasOrphanAsync, cancellationToken))
        {
            await WriteAsync(async tx =>
            {
                await tx.ReadClockAsync();
                return await EndTransaction.SettleAsync(tx, []);
            }, cancellationToken);
        }

        var damage = await ReadAsync(DueRepair.FindAsync, cancellationToken);
        if (damage.IsNone) return;
        Tell(await WriteAsync(tx => DueRepair.CorrectAsync(tx, damage), cancellationToken),
            (values, more) => PostgreSqlLog.Corrected(log, values, more));
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
