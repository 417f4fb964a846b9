using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

sealed partial class MemoryStore
{
    /// <summary>Runs the trigger searches outside the lock. With several edits of a job, each edit is prepared on the
    /// result of the previous edit.</summary>
    void Prepare(Change change)
    {
        Dictionary<JobId, StoredJob?> read = [];
        IReadOnlyList<ScopedPause> open;
        lock (gate)
        {
            open = scopes;
            foreach (var job in Concerned(change.Pauses)) read[job.Job.Id] = job;
            foreach (var edit in change.Jobs) read[edit.Job] = Find(edit.Job);
        }

        var now = clock.GetUtcNow();
        foreach (var pause in change.Pauses)
        {
            open = pause.Apply(open, now).After(0);
            foreach (var job in read.Values.OfType<StoredJob>().Where(pause.Concerns).ToList())
                read[job.Job.Id] = pause.Of(job.Job.Id).Prepare(now, job, open);
        }

        foreach (var edit in change.Jobs) read[edit.Job] = edit.Prepare(now, read[edit.Job], open);
    }

    /// <summary>Returns the jobs of paused or resumed tags and executors.</summary>
    IEnumerable<StoredJob> Concerned(IReadOnlyList<ScopedPauseEdit> edits) => edits.Count == 0 ? [] : byId.Values
        .Select(slot => slot.Stored with { State = slot.State }).Where(job => edits.Any(edit => edit.Concerns(job)));

    /// <summary>Writes a changed pause of a tag or an executor.</summary>
    void Write(EditedScope edited, DateTimeOffset now)
    {
        actions.Add(edited.Action! with { Number = ++actionNumber });
        if (edited is { ClosesAt: { } at, Closes: { } over }) Close(edited.Scope, edited.Name, over, at);
        if (edited.Pause(actionNumber) is { } pause) Open(edited.Scope, edited.Name, pause);
    }

    LedgerPart OnlyOpenPauses() => Only([], [.. Ordered(pauses.Values.Where(pause =>
        pause.Ended is null && ScopedPauses.Seen(pause, Now()).Ended is null))]);

    LedgerPart Only(IReadOnlyList<JobAction> read, IReadOnlyList<ScopedPause> open) => new()
    {
        Jobs = [],
        Runs = [],
        Entries = [],
        Actions = read,
        Definitions = [],
        Pauses = open,
        Epochs = [],
        Marks = [],
        State = state,
        At = Now(),
    };

    static IEnumerable<ScopedPause> Ordered(IEnumerable<ScopedPause> unordered) => unordered
        .OrderBy(pause => pause.Pause.At).ThenBy(pause => pause.Pause.Action).ThenBy(pause => pause.Scope)
        .ThenBy(pause => pause.Name, StringComparer.Ordinal);

    /// <summary>The computed edits of a change, before anything is written.</summary>
    sealed class StagedEdits(MemoryStore store, DateTimeOffset now)
    {
        readonly Dictionary<JobId, StoredJob?> staged = [];

        /// <summary>The edits of jobs, in order.</summary>
        public List<EditedJob> Edits { get; } = [];

        /// <summary>The changed pauses of tags and executors, in order.</summary>
        public List<EditedScope> Scopes { get; } = [];

        /// <summary>The pauses of tags and executors after the edits so far.</summary>
        public IReadOnlyList<ScopedPause> Open { get; private set; } = store.scopes;

        public void Apply(ScopedPauseEdit edit)
        {
            var edited = edit.Apply(Open, now);
            if (edited.Action is null) return;
            Scopes.Add(edited);

            // The actions of the scopes are written before all others.
            Open = edited.After(store.actionNumber + Scopes.Count);
            foreach (var job in store.byId.Keys.Select(Staged).OfType<StoredJob>().Where(edit.Concerns).ToList())
            {
                var changed = JobEdits.Apply(job, edit.Of(job.Job.Id), now, Open);
                if (!changed.Changed) continue;
                staged[job.Job.Id] = changed.After;
                Edits.Add(changed);
            }
        }

        public void Apply(JobEdit edit)
        {
            var edited = JobEdits.Apply(Staged(edit.Job), edit, now, Open);
            staged[edit.Job] = edited.After;
            Edits.Add(edited);
        }

        StoredJob? Staged(JobId job) => staged.TryGetValue(job, out var known) ? known : store.Find(job);
    }
}
