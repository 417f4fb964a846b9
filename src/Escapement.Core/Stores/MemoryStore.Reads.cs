using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

public sealed partial class MemoryStore
{
    /// <inheritdoc/>
    public Task<JobPage> JobsAsync(JobQuery query, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            IEnumerable<StoredJob> found = query.Id is { } id ? Find(id) is { } one
                ? [one]
                : [] : byId.Values.Select(slot => slot.Stored with { State = slot.State });
            return Task.FromResult(JobPages.Of(found, query));
        }
    }

    /// <inheritdoc/>
    public Task<RunPage> RunsAsync(RunQuery query, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (query.Id is { } id) return Task.FromResult(new RunPage(Find(id) is { } run ? [run] : []));
            if (query.Job is { } named && !byId.ContainsKey(named)) return Task.FromResult(new RunPage([]));
            return Task.FromResult(RunPages.Of(NewestFirst(query), query, run => SlotOf(run.Job).Stored.Job));
        }
    }

    /// <inheritdoc/>
    public Task<LedgerPart> LedgerAsync(LedgerQuery query, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<LedgerPart>(cancellationToken);
        var (from, to) = (RunPages.Since(query.From), RunPages.Since(query.To));
        LedgerPart part;
        RunHistory seen;
        HashSet<RunId> open;
        lock (gate)
        {
            if (query.OnlyActions is { } page) return Task.FromResult(OnlyActions(page));
            if (query.OnlyOpenPauses) return Task.FromResult(OnlyOpenPauses());
            part = Layers(query);
            if (!query.Runs && query.Then is null) return Task.FromResult(part);
            seen = history.Snapshot();
            open = [.. running.Keys, .. waiting.Keys];
        }

        // A reader of the ledger searches triggers, and claims must not wait meanwhile. A fire time with a missed run in the
        // history may wait or run again.
        var jobs = part.Jobs.ToDictionary(stored => stored.Number, stored => stored.Job);
        var ended = seen.Newest(from, new(to, long.MinValue, long.MinValue), (id, row) => jobs.ContainsKey(id.Job)
            && (query.Then is null || row.Outcome != Outcome.Succeeded) && !open.Contains(id));
        part = part with
        {
            Runs = [.. part.Runs.Concat(RunsOf(query.Then is null ? ended : ended.Take(LedgerQuery.MaxTroubled), jobs))
                .Where(run => (run.FireTime >= query.From && run.FireTime < query.To)
                    || (query.Then is not null && run.State == RunState.Running))
                .OrderBy(run => run.Id.FireTime).ThenBy(run => run.Id.Job).ThenBy(run => run.Id.Number)],
        };
        return Task.FromResult(part.Answer(query, spans =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            return seen.Count(spans);
        }, reads => RunsOf(reads.Rows.SelectMany(seen.Rows).Take(reads.Limit), jobs)));
    }

    /// <summary>Returns all layers, with the waiting and running runs alone.</summary>
    LedgerPart Layers(LedgerQuery query)
    {
        List<Slot> asked = query.Job is { } id ? byId.TryGetValue(id, out var one) ? [one] : [] : [.. byId.Values];
        var numbers = asked.Select(slot => slot.Stored.Number).ToHashSet();
        bool Touches(DateTimeOffset first, DateTimeOffset? last) => first < query.To && !(last < query.From);
        return new()
        {
            Jobs = [.. asked.Select(slot => slot.Stored with { State = slot.State })],
            Runs = query.Runs || query.Then is not null
                ? [.. running.Values.Where(run => numbers.Contains(run.Id.Job)).Select(RunOf),
                    .. waiting.Values.Where(run => numbers.Contains(run.Id.Job)).Select(RunOf)]
                : [],
            Entries = [.. asked.SelectMany(slot => slot.Entries).Where(entry => Touches(entry.First, entry.Last))
                .OrderBy(entry => entry.Change).ThenBy(entry => entry.First)],
            Actions = [.. actions.Where(action => query.Job is null || action.Job is null || action.Job == query.Job)],
            Definitions = [.. asked.SelectMany(slot => slot.Definitions).Where(span => Touches(span.From, span.To))],
            Pauses = [.. Ordered(pauses.Values.Select(pause => ScopedPauses.Seen(pause, Now()))).Where(pause =>
                Touches(pause.Pause.At, pause.Ended)
                && (query.Job is null || pause.Scope != PauseScope.Job || pause.Name == query.Job.Value.Value))],
            Epochs = [.. EpochsOf(query)],
            Marks = [.. marks.Where(mark => Touches(mark.From, mark.To))],
            State = state,
            At = Now(),
        };
    }

    /// <summary>Returns ended runs of a snapshot with the names of their nodes and their errors.</summary>
    List<Run> RunsOf(IEnumerable<(RunId Id, RunRow Row)> rows, Dictionary<long, Job> jobs)
    {
        List<(RunId Id, RunRow Row)> found = [.. rows.Where(run => jobs.ContainsKey(run.Id.Job))];
        lock (gate) return [.. found.Select(run => RunOf(run.Id, run.Row, jobs[run.Id.Job]))];
    }

    /// <summary>Returns the epochs that touch a span, with the last epoch before and the first epoch after.</summary>
    IEnumerable<Epoch> EpochsOf(LedgerQuery query)
    {
        var before = epochs.Where(epoch => epoch.Ended < query.From).MaxBy(epoch => (epoch.Ended, epoch.Number));
        var after = epochs.Where(epoch => epoch.Begun >= query.To).MinBy(epoch => epoch.Number);
        return epochs.Where(epoch => epoch == before || epoch == after || (epoch.Begun < query.To && !(epoch.Ended < query.From)));
    }

    LedgerPart OnlyActions(ActionQuery query) =>
        Only([.. actions.AsEnumerable().Reverse().Where(query.Matches).Take(query.Limit + 1)], []);

    StoredJob? Find(JobId id) => byId.TryGetValue(id, out var slot) ? slot.Stored with { State = slot.State } : null;

    Run? Find(RunId id)
    {
        Run? found = running.TryGetValue(id, out var open) ? RunOf(open) : history.TryGet(id, out var row)
            ? RunOf(id, row)
            : waiting.TryGetValue(id, out var run) ? RunOf(run) : null;
        return found is null ? null : found with
        {
            Arguments = open?.Arguments ?? waiting.GetValueOrDefault(id)?.Arguments ?? arguments.GetValueOrDefault(id),
            Attempts = attempts.GetValueOrDefault(id) ?? [],
        };
    }

    /// <summary>Returns the running and ended runs in page order.</summary>
    IEnumerable<Run> NewestFirst(RunQuery query)
    {
        var since = query.Since is { } from ? RunPages.Since(from) : long.MinValue;
        var before = RunPages.End(query);
        var open = new Queue<OpenRun>(running.Values.Where(run => run.Id.FireTime >= since && RunPages.Compare(run.Id, before) < 0)
            .OrderByDescending(run => run.Id, Comparer<RunId>.Create(RunPages.Compare)));
        foreach (var (id, row) in history.Newest(since, before))
        {
            while (open.TryPeek(out var run) && RunPages.Compare(run.Id, id) > 0) yield return RunOf(open.Dequeue());
            yield return RunOf(id, row);
        }

        while (open.TryDequeue(out var run)) yield return RunOf(run);
    }

    Run RunOf(OpenRun run) => new()
    {
        Id = run.Id,
        Job = JobOf(run.Id),
        FireTime = FireTimeOf(run.Id),
        State = RunState.Running,
        Attempt = run.Attempt,
        Cause = run.Cause,
        ClaimedAt = run.ClaimedAt,
        Node = run.Node,
        Epoch = run.Epoch,
        Token = run.Token,
    };

    Run RunOf(WaitingRun run) => new()
    {
        Id = run.Id,
        Job = JobOf(run.Id),
        FireTime = FireTimeOf(run.Id),
        State = RunState.Waiting,
        Attempt = run.Attempt - 1,
        Cause = run.Cause,
    };

    Run RunOf(RunId id, in RunRow row) => RunOf(id, row, SlotOf(id.Job).Stored.Job);

    Run RunOf(RunId id, in RunRow row, Job job) => new()
    {
        Id = id,
        Job = job.Id,
        FireTime = RunPages.FireTime(job, id),
        State = RunState.Ended,
        Attempt = row.Attempt,
        Cause = row.Cause,
        ClaimedAt = row.ClaimedAt,
        StartedAt = row.StartedAt,
        FinishedAt = row.FinishedAt,
        Outcome = row.Outcome,
        Reason = row.Reason == 0 ? null : row.Reason,
        Error = errors.GetValueOrDefault(id),
        Node = row.Node >= 0 ? names[row.Node] : null,
        Epoch = row.Node >= 0 ? row.Epoch : null,
        Token = row.Node >= 0 ? row.Token : null,
    };

    JobId JobOf(RunId run) => SlotOf(run.Job).Stored.Job.Id;

    DateTimeOffset FireTimeOf(RunId id) => RunPages.FireTime(SlotOf(id.Job).Stored.Job, id);
}
