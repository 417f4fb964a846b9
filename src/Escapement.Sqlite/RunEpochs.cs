using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Sqlite;

/// <summary>Finds ended runs whose claim contradicts the row of their epoch, or with an unknown outcome or cause, while the runs
/// are counted. The reader of the ledger judges these runs.</summary>
sealed class RunEpochs(SqliteSession db)
{
    /// <summary>The maximum number of runs to find.</summary>
    const int MaxFound = 1_000;

    /// <summary>The maximum number of runs that are read only for this purpose. Counting the runs of a single job does not read
    /// each run.</summary>
    const int MaxRead = 50_000;

    readonly Dictionary<long, (long Begun, long Ended)> epochs = [];
    readonly HashSet<RunId> found = [];
    readonly List<RunId> added = [];
    (long Number, long Begun, long Ended) last;
    int left = MaxRead;

    /// <summary>Compares the claim of a run with its epoch, and the outcome and the cause with the known numbers.</summary>
    public void Check(RunId run, (long Outcome, long Cause) numbers, long? epoch, long? claimed)
    {
        if (numbers is { Outcome: < 1 or > 6 } or { Cause: < 0 or > 2 }) Add(run);
        if (epoch is not { } number || claimed is not { } at) return;
        if (number != last.Number) last = Find(number);
        if (at < last.Begun || at > last.Ended) Add(run);
    }

    /// <summary>Compares the claims of a span of a job with their epochs, as far as the limit allows.</summary>
    public void Check(RunSpan span)
    {
        if (left == 0) return;
        var row = db[SqliteStatements.ClaimsOutsideEpochs].With(span.From).With(span.To).With(left).With(span.Job).With(MaxFound);
        while (row.Read()) Add(new(row.Long(0), span.Job, 0));
        left -= (int)(db[SqliteStatements.CountRowsOfSpan].With(span.From).With(span.To).With(left).Scalar() ?? 0);
    }

    void Add(RunId run)
    {
        if (found.Count < MaxFound && found.Add(run)) added.Add(run);
    }

    /// <summary>Returns the runs that were found since the last call.</summary>
    public List<RunId> Take()
    {
        List<RunId> runs = [.. added];
        added.Clear();
        return runs;
    }

    (long Number, long Begun, long Ended) Find(long number)
    {
        if (!epochs.TryGetValue(number, out var span))
        {
            // A claim in an epoch without a row lies outside of the span.
            span = EpochTable.Row(db, number) is { } epoch
                ? (epoch.Begun.ToMicros(), epoch.Ended?.ToMicros() ?? long.MaxValue)
                : (long.MaxValue, long.MinValue);
            epochs.Add(number, span);
        }

        return (number, span.Begun, span.Ended);
    }
}
