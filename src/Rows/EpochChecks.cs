using Escapement.Ledger;

namespace Escapement.Rows;

/// <summary>Replaces the values of epochs that no process writes, and collects these values for the audit.</summary>
static class EpochChecks
{
    /// <summary>The largest lease in microseconds, ten years. A larger value was written by hand.</summary>
    public const long MaxLease = 10 * 366 * 24 * 3_600 * 1_000_000L;

    /// <summary>The condition of a row of an epoch in SQL. A larger number than activations can reach was written by hand.</summary>
    public const string IsNumber = "number between 1 and 9007199254740992";

    /// <summary>A larger count of heartbeats or claims than an epoch can reach was written by hand.</summary>
    const long MaxCount = 1L << 53;

    /// <summary>Returns the number of the last claim, or 0 for a value that no process writes, which would refuse each claim.</summary>
    public static long Claims(long stored) => stored is >= 0 and <= MaxCount ? stored : 0;

    /// <summary>Returns an epoch whose instants lie between its beginning and the present, with the nearest possible instants
    /// in place of other instants.</summary>
    /// <param name="epoch">The epoch as stored.</param>
    /// <param name="row">The values of its row.</param>
    /// <param name="checks">Collects the values.</param>
    public static Epoch Checked(Epoch epoch, in EpochValues row, RowChecks checks)
    {
        var (number, at) = ($"number {epoch.Number}", row.Begun);
        var sign = Present("epoch.last_sign", row.LastSign, RowChecks.Least);
        var begun = Present("epoch.begun", at, RowChecks.Least) ?? Math.Min(sign ?? checks.Present, row.Ended ?? checks.Present);
        sign ??= begun;

        // The clock of the node may have been set back after the beginning.
        var isAtJump = checks.IsAtJump(epoch.Number, begun);
        long? ended = row.Ended is not { } end ? null
            : Present("epoch.ended", end, isAtJump ? RowChecks.Least : begun) ?? Math.Max(begun, sign.Value);
        var how = checks.Known<EpochEnd>(row.How, new("epoch.how", number), at, "null, ");
        if (row.Pid is < 0 or > int.MaxValue)
            checks.Add(new("epoch.pid", number), RowChecks.Number(row.Pid), $"0 – {int.MaxValue}", at);
        Count("epoch.beat", row.Beat);
        Count("epoch.claims", row.Claims);
        if (row.Lease is < 0 or > MaxLease)
            checks.Add(new("epoch.lease", number), RowChecks.Number(row.Lease.Value), $"null, 0 – {MaxLease}", at);
        return epoch with
        {
            Begun = Instant.FromMicros(begun),
            LastSign = Instant.FromMicros(sign.Value),
            How = row.How is null ? null : how ?? EpochEnd.LeaseOver,
            Ended = ended is { } last ? Instant.FromMicros(last) : null,
        };

        void Count(string column, long count)
        {
            if (count is < 0 or > MaxCount) checks.Add(new(column, number), RowChecks.Number(count), $"0 – {MaxCount}", at);
        }

        long? Present(string column, long value, long least) =>
            checks.Instant(value, new(column, number), least, checks.Present, at);
    }
}

/// <summary>The values of the row of an epoch that can be checked.</summary>
/// <param name="Pid">The process id of the node.</param>
/// <param name="Begun">The beginning in microseconds since 1970-01-01 UTC.</param>
/// <param name="LastSign">The last sign of life in microseconds since 1970-01-01 UTC.</param>
/// <param name="Ended">The end in microseconds since 1970-01-01 UTC, or null.</param>
/// <param name="How">The number of the cause of the end, or null.</param>
/// <param name="Lease">The lease in microseconds, or null.</param>
/// <param name="Beat">The count of heartbeats.</param>
/// <param name="Claims">The number of the last claim.</param>
readonly record struct EpochValues(
    long Pid, long Begun, long LastSign, long? Ended, long? How, long? Lease, long Beat, long Claims);
