using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Stores;

public sealed partial class MemoryStore
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredJob>> JobsAsync(JobId? job, bool ended, CancellationToken stop)
    {
        lock (gate)
        {
            IEnumerable<Slot> asked = job is null ? slots : byId.TryGetValue(job.Value, out var slot) ? [slot] : [];
            return Task.FromResult<IReadOnlyList<StoredJob>>([.. asked.Select(slot => slot.Stored).Where(stored => ended || stored.Ended is null)
                .OrderBy(stored => stored.ShownNext ?? DateTimeOffset.MaxValue).ThenBy(stored => stored.Job.Id)]);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Run>> RunsAsync(RunQuery query, CancellationToken stop)
    {
        lock (gate)
        {
            if (query.Id is { } id) return Task.FromResult<IReadOnlyList<Run>>(Find(id) is { } run ? [run] : []);
            long job = 0;
            if (query.Job is { } named)
            {
                if (!byId.TryGetValue(named, out var slot)) return Task.FromResult<IReadOnlyList<Run>>([]);
                job = slot.Stored.Number;
            }
            // An instant between two microseconds begins with the later one.
            var since = query.Since is { } from ? from.AddTicks(TimeSpan.TicksPerMicrosecond - 1).ToMicros() : long.MinValue;
            return Task.FromResult<IReadOnlyList<Run>>([.. history.Newest(job, since, query.Before, query.Limit).Select(row => RunOf(row.Key, row.Value))]);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Entry>> EntriesAsync(JobId? job, DateTimeOffset since, CancellationToken stop)
    {
        lock (gate)
        {
            IEnumerable<Slot> asked = job is null ? slots : byId.TryGetValue(job.Value, out var slot) ? [slot] : [];
            return Task.FromResult<IReadOnlyList<Entry>>([.. asked.SelectMany(slot => slot.Entries).Where(entry => entry.Last >= since).OrderBy(entry => entry.First)]);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Epoch>> EpochsAsync(DateTimeOffset since, CancellationToken stop)
    {
        lock (gate) return Task.FromResult<IReadOnlyList<Epoch>>([.. epochs.Where(epoch => epoch.Ended is null || epoch.Ended > since)]);
    }

    Run? Find(RunId id)
    {
        if (history.TryGet(id, out var row)) return RunOf(id, row);
        if (!waiting.TryGetValue(id, out var run)) return null;
        var slot = slots[(int)id.Job - 1];
        return new() { Id = id, Job = slot.Stored.Job.Id, FireTime = FireTimeOf(slot, id), State = RunState.Waiting, Attempt = run.Attempt - 1 };
    }

    Run RunOf(RunId id, in RunRow row)
    {
        var slot = slots[(int)id.Job - 1];
        var claimed = row.Node >= 0;
        return new()
        {
            Id = id,
            Job = slot.Stored.Job.Id,
            FireTime = FireTimeOf(slot, id),
            State = row.Outcome == 0 ? RunState.Running : RunState.Ended,
            // A run that is missed had got the number of an attempt that never began.
            Attempt = row.Outcome == Outcome.Missed ? row.Attempt - 1 : row.Attempt,
            StartedAt = row.StartedAt,
            FinishedAt = row.FinishedAt,
            Outcome = row.Outcome == 0 ? null : row.Outcome,
            Reason = row.Reason == 0 ? null : row.Reason,
            Error = errors.GetValueOrDefault(id),
            Node = claimed ? names[row.Node] : null,
            Epoch = claimed ? row.Epoch : null,
            Token = claimed ? row.Token : null,
        };
    }
}
