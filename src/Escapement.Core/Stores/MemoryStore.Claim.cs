using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

public sealed partial class MemoryStore
{
    readonly Dictionary<string, ExecutorQueue> queues = [];
    long tokens;

    /// <inheritdoc/>
    public Task<Claimed> ClaimAsync(ClaimRequest request, CancellationToken stop)
    {
        lock (gate)
        {
            if (!IsCurrent(request.Node, request.Epoch) || state.ShutDown is not null) return Task.FromResult(Claimed.Refused);
            return Task.FromResult(new Claiming(this, request, Now()).Claim());
        }
    }

    /// <inheritdoc/>
    public Task<int> RecordAsync(IReadOnlyList<Finished> finished)
    {
        var bell = Bell.None;
        var refused = 0;
        lock (gate)
        {
            foreach (var end in finished)
            {
                if (running.ContainsKey(end.Id) && history.TryGet(end.Id, out var row)
                    && names[row.Node] == end.Node && row.Epoch == end.Epoch && row.Attempt == end.Attempt)
                {
                    bell |= End(end, row);
                }
                else
                {
                    refused++;
                }
            }
        }
        doorbell.Ring(bell);
        return Task.FromResult(refused);
    }

    /// <summary>Ends the attempt of a claimed run, and with it the run unless it runs again.</summary>
    Bell End(Finished end, in RunRow row)
    {
        var slot = slots[(int)end.Id.Job - 1];
        running.Remove(end.Id, out var asked);
        slot.Stored = slot.Stored with { Running = slot.Stored.Running - 1 };
        var bell = Unpark(slot);
        if (end.Outcome == Outcome.Interrupted && Decide.RunsAgain(slot.Stored))
        {
            history.Remove(end.Id);
            asked ??= new(end.Id, null, null);
            asked.Attempt = row.Attempt + 1;
            Wait(asked, slot);
            return bell | Bell.Work;
        }
        history.Set(end.Id, row with { StartedAt = end.StartedAt, FinishedAt = end.FinishedAt, Outcome = end.Outcome, Reason = end.Reason ?? 0 });
        if (end.Error is not null) errors[end.Id] = end.Error;
        if (asked is not null) Forget(asked);
        return asked is { Watched: true } ? bell | Bell.RunEnded : bell;
    }

    /// <summary>A run of the job has ended: the oldest of those that waited for it may be claimed.</summary>
    Bell Unpark(Slot slot)
    {
        while (slot.Parked.TryPeek(out _))
        {
            var id = slot.Parked.Take();
            if (!waiting.TryGetValue(id, out var run)) continue;
            QueueOf(slot).Asked.Add(id, run.Due);
            return Bell.Work;
        }
        return Bell.None;
    }

    /// <summary>Puts a job's next instant into its executor's queue, if it does not stand there already.</summary>
    void Queue(Slot slot)
    {
        if (slot.DueAt is not { } due) return;
        var place = (due.ToMicros(), slot.Stored.Job.Options.Executor);
        if (slot.Queued == place) return;
        slot.Queued = place;
        var queue = QueueOf(slot);
        if (queue.FireTimes.Count > 2 * slots.Count + 1_000) Rebuild(queue);
        else queue.FireTimes.Add(new(due.ToMicros(), slot.Stored.Number, 0));
    }

    /// <summary>Jobs that are changed over and over leave stale instants behind.</summary>
    void Rebuild(ExecutorQueue queue)
    {
        queue.FireTimes.Clear();
        foreach (var slot in slots)
            if (slot.DueAt is { } due && QueueOf(slot) == queue) queue.FireTimes.Add(new(due.ToMicros(), slot.Stored.Number, 0));
    }

    ExecutorQueue QueueOf(Slot slot)
    {
        var executor = slot.Stored.Job.Options.Executor;
        if (!queues.TryGetValue(executor, out var queue)) queues.Add(executor, queue = new(executor));
        return queue;
    }

    /// <summary>What comes due for one executor.</summary>
    sealed class ExecutorQueue(string name)
    {
        public string Name => name;

        public DueHeap FireTimes { get; } = new();

        public DueHeap Asked { get; } = new();
    }

    /// <summary>One claim: takes what is due, earliest first, while there are places.</summary>
    sealed class Claiming
    {
        readonly MemoryStore store;
        readonly ClaimRequest request;
        readonly DateTimeOffset now;
        Moment moment;
        readonly bool takesFireTimes;
        readonly List<(ExecutorQueue Queue, int Places)> open = [];
        readonly List<ClaimedRun> runs = [];

        // Of handlers that this node does not know: put back at the end.
        readonly List<(DueHeap Heap, RunId Id, long Due)> passedOver = [];
        bool wrote;

        public Claiming(MemoryStore store, ClaimRequest request, DateTimeOffset now)
        {
            (this.store, this.request, this.now) = (store, request, now);
            var state = SchedulerEdits.PauseOver(store.state, now);
            wrote = state != store.state;
            store.state = state;
            takesFireTimes = request.FireTimes && state.Paused is null;
            moment = Moment.Of(now, request.GraceLimit, state, store.epochs[^1], store.epochs.Count > 1 ? store.epochs[^2] : null)
                with { ClockJumpedFrom = request.ClockJumpedFrom };
            foreach (var (executor, places) in request.FreePlaces)
                if (places > 0 && store.queues.TryGetValue(executor, out var queue)) open.Add((queue, places));
        }

        public Claimed Claim()
        {
            LookBack();
            while (runs.Count < Decide.MostRuns && Earliest() is { } next && next.Place.FireTime <= now.ToMicros()) Take(next);
            if (runs.Count > 0 || wrote) store.Beat(now);
            var due = NextDue();
            foreach (var (heap, id, at) in passedOver) heap.Add(id, at);
            return new(runs, due);
        }

        /// <summary>Fire times may have been lost before the epoch before this one: it never claimed.</summary>
        void LookBack()
        {
            if (store.epochs is not [.., var before, _] || Earliest() is not { } oldest || oldest.Place.FireTime >= before.Begun.ToMicros()) return;
            moment = moment with { Earlier = Moment.Between([.. store.epochs.SkipLast(1).Reverse()]) };
        }

        void Take((RunId Id, RunId Place, int Queue, bool Waits) next)
        {
            var queue = open[next.Queue].Queue;
            var slot = store.slots[(int)next.Id.Job - 1];
            var took = runs.Count;
            if (next.Waits)
            {
                queue.Asked.Take();
                TakeWaiting(slot, store.waiting[next.Id]);
            }
            else
            {
                queue.FireTimes.Take();
                slot.Queued = null;
                TakeFireTimes(slot);
                store.Queue(slot);
            }
            if (runs.Count > took) open[next.Queue] = (queue, open[next.Queue].Places - 1);
        }

        void TakeWaiting(Slot slot, Asked run)
        {
            var graceFrom = Decide.GraceFrom(run.Id, run.Attempt, Instant.FromMicros(run.Due), now);
            if (Decide.Late(slot.Stored.Job, graceFrom, MomentOf(slot.Stored)) is { } reason)
            {
                store.EndUnclaimed(run, reason, now);
                wrote = true;
                return;
            }
            if (!Decide.Waiting(slot.Stored))
            {
                run.Due = run.Id.FireTime;
                slot.Parked.Add(run.Id);
                return;
            }
            store.waiting.Remove(run.Id);
            store.running.Add(run.Id, run);
            HandOver(slot, run.Id, FireTimeOf(slot, run.Id), run.Arguments, run.Attempt, graceFrom);
        }

        void TakeFireTimes(Slot slot)
        {
            var stored = slot.Stored;
            var ran = store.RanOf(stored);
            var pause = stored.Paused;
            var decision = pause is not null
                ? Decide.PauseOver(stored, pause.Until!.Value, ran)
                : Decide.Due(stored, MomentOf(stored), ran);
            wrote = true;
            var last = decision.Runs is [.., var latest] && !(latest <= stored.LastFireTime) ? latest : stored.LastFireTime;
            slot.Stored = stored with
            {
                Next = decision.Next,
                LastFireTime = last,
                Paused = null,
                Version = pause is null ? stored.Version : stored.Version + 1,
                Ended = decision.Next is null && stored.Job.Trigger is not null ? JobEnd.Exhausted : null,
            };
            foreach (var entry in decision.Entries) Write(slot, entry);
            for (var i = 0; i < decision.Runs.Count; i++)
            {
                var fireTime = decision.Runs[i];
                var id = new RunId(fireTime.ToMicros(), stored.Number, 0);
                var due = Decide.WaitsUntil(stored.Job, fireTime, now);
                if (i > 0 || due > now)
                {
                    store.Wait(new(id, null, null) { Due = due.ToMicros() }, slot);
                    continue;
                }
                store.running.Add(id, null);
                HandOver(slot, id, fireTime, null, 1, Jitter.StartOf(stored.Job, fireTime));
            }
        }

        Moment MomentOf(StoredJob stored) => request.FullSince is { } full && full.TryGetValue(stored.Job.Options.Executor, out var since)
            ? moment with { FullSince = since }
            : moment;

        void HandOver(Slot slot, RunId id, DateTimeOffset fireTime, JobArguments? arguments, int attempt, DateTimeOffset? graceFrom)
        {
            var token = ++store.tokens;
            store.history.Set(id, new(store.NumberOf(request.Node), request.Epoch, token, attempt));
            slot.Stored = slot.Stored with { Running = slot.Stored.Running + 1 };
            runs.Add(new(id, slot.Stored.Job, fireTime, arguments ?? slot.Stored.Job.Arguments, attempt, token, graceFrom));
        }

        /// <summary>The earliest fire time or waiting run of the executors with places, due or not.</summary>
        (RunId Id, RunId Place, int Queue, bool Waits)? Earliest()
        {
            (RunId Id, RunId Place, int Queue, bool Waits)? earliest = null;
            for (var i = 0; i < open.Count; i++)
            {
                var (queue, places) = open[i];
                if (places == 0) continue;
                if (takesFireTimes && TopFireTime(queue) is { } fireTime && IsEarlier(fireTime)) earliest = (fireTime, fireTime, i, false);
                if (TopAsked(queue) is { } asked && IsEarlier(asked.Place)) earliest = (asked.Id, asked.Place, i, true);
            }
            return earliest;

            bool IsEarlier(RunId place) => earliest is null || DueHeap.ByKey.Instance.Compare(place, earliest.Value.Place) < 0;
        }

        RunId? TopFireTime(ExecutorQueue queue)
        {
            while (queue.FireTimes.TryPeek(out var id))
            {
                var slot = store.slots[(int)id.Job - 1];
                var stale = slot.DueAt?.ToMicros() != id.FireTime || slot.Stored.Job.Options.Executor != queue.Name;
                if (!stale && request.Handlers.Contains(slot.Stored.Job.Handler)) return id;
                queue.FireTimes.Take();
                if (!stale) passedOver.Add((queue.FireTimes, id, id.FireTime));
            }
            return null;
        }

        (RunId Id, RunId Place)? TopAsked(ExecutorQueue queue)
        {
            while (queue.Asked.TryPeek(out var id, out var place))
            {
                var slot = store.slots[(int)id.Job - 1];
                var stale = !store.waiting.ContainsKey(id) || slot.Stored.Job.Options.Executor != queue.Name;
                if (!stale && request.Handlers.Contains(slot.Stored.Job.Handler)) return (id, place);
                queue.Asked.Take();
                if (!stale) passedOver.Add((queue.Asked, id, place.FireTime));
            }
            return null;
        }

        DateTimeOffset? NextDue()
        {
            if (runs.Count >= Decide.MostRuns) return now;
            var next = Earliest() is { } earliest ? Instant.FromMicros(earliest.Place.FireTime) : (DateTimeOffset?)null;
            return request.FireTimes && store.state.Paused?.Until is { } until && !(next < until) ? until : next;
        }
    }

    /// <summary>Whether a fire time of a job has a run, or had one that was trimmed.</summary>
    Predicate<DateTimeOffset> RanOf(StoredJob? stored)
    {
        var number = stored?.Number ?? 0;
        return fireTime => new RunId(fireTime.ToMicros(), number, 0) is var id && (id.FireTime < trimmedBefore || history.Contains(id) || waiting.ContainsKey(id));
    }

    static DateTimeOffset FireTimeOf(Slot slot, RunId id) => id.Number == 0 && slot.Stored.Job.Trigger is { } trigger
        ? trigger.Zone.ToZone(Instant.FromMicros(id.FireTime))
        : Instant.FromMicros(id.FireTime);
}
