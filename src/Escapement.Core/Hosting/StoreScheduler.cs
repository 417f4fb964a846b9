using Escapement.Engine;
using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;

namespace Escapement;

/// <summary>The implementation of <see cref="IScheduler"/> over the store. Works the same in every process, active or
/// not.</summary>
/// <param name="store">The open store.</param>
/// <param name="handlers">The handlers of this program, or null for a guest, which does not know the handlers and the
/// executors.</param>
/// <param name="options">The settings.</param>
/// <param name="clock">The clock of this process.</param>
/// <param name="node">This process.</param>
sealed partial class StoreScheduler(
    IJobStore store, HandlerRegistry? handlers, EscapementOptions options, TimeProvider clock, ThisNode node) : IScheduler
{
    static readonly TimeSpan NodesLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>The author of all changes, or null for this process.</summary>
    ChangeAuthor? Author { get; init; }

    /// <summary>The author of a change, with this process as the default origin.</summary>
    ChangeAuthor Origin => (Author ?? new()) is var author && author.Origin is null ? author with { Origin = node.Name.Origin } : author;

    /// <summary>The store, if this process sees the jobs.</summary>
    /// <exception cref="StoreUnavailableException">This process does not see the jobs, for example before the start of
    /// the host. The message gives the reason.</exception>
    IJobStore Store => node.Blindness() is var (_, sentence) ? throw new StoreUnavailableException(sentence) : store;

    public async Task<JobInfo> AddAsync(NewJob job, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        var id = JobId.Parse(job.Id);
        var now = clock.GetUtcNow();
        var trigger = Trigger(job.Trigger, id, now);
        var policies = job.Policies.Over(options.JobDefaults).ToOptions(JobOrigin.Added, trigger is not null);
        var handler = handlers?.Get(job.Handler);
        if (IsRunnable(trigger, job.Arguments.Checked())) handler?.Check(job.Arguments);
        CheckExecutor(policies.Executor);
        CheckHistory(job.Policies);
        if (job is { Next: null, Paused: false }) FutureFireTimes.Check(trigger, now);

        var made = new Job
        {
            Id = id,
            Name = job.Name ?? job.Id,
            Handler = job.Handler,
            Arguments = job.Arguments,
            Trigger = trigger,
            Options = policies,
        };
        return Answers.Of((await EditAsync(
            Guarded(JobEdits.Add(made, job.ReplaceExisting, job.Next, job.Paused), job.IfVersion, mustExist: true), cancellationToken))!,
            handlers);
    }

    public async Task<JobInfo> ChangeAsync(string job, JobChange change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        change.Arguments?.Checked();
        var id = JobId.Parse(job);
        if (change.Handler is not null) handlers?.Get(change.Handler);
        CheckExecutor(change.Policies.Executor);
        CheckHistory(change.Policies);
        var now = clock.GetUtcNow();
        var trigger = Trigger(change.Trigger, id, now);
        if (change is { Next: null, Pause: false }) FutureFireTimes.Check(trigger, now);
        var edit = JobEdits.Change(id, Changed, change.Next, change.Pause);
        if (change.Handler is null && change.Arguments is null && trigger is null)
        {
            return Answers.Of((await EditAsync(Guarded(edit, change.IfVersion), cancellationToken))!, handlers);
        }

        while (true)
        {
            // Before the store's transaction: reading arguments can run the program's own code, and other writers
            // must not wait.
            var before = await StoredAsync(id, cancellationToken);
            if (change.IfVersion is { } version && before.Version != version) throw new JobChangedException(id);
            var after = Changed(before.Job);

            // A new trigger alone is allowed for a job whose handler belongs to another version of the program.
            if (handlers is not null
                && ((change.Handler ?? (object?)change.Arguments) is not null || handlers.Names.Contains(after.Handler)))
            {
                var handler = handlers.Get(after.Handler);
                if (IsRunnable(after.Trigger, after.Arguments)) handler.Check(after.Arguments);
            }

            try
            {
                return Answers.Of((await EditAsync(Guarded(edit, before.Version), cancellationToken))!, handlers);
            }
            catch (JobChangedException) when (change.IfVersion is null)
            {
                // The job was changed after the read, so the check must be repeated.
            }
        }

        Job Changed(Job before) => before.Error is { } error ? throw new FormatException(error) : before with
        {
            Name = change.Name ?? before.Name,
            Handler = change.Handler ?? before.Handler,
            Arguments = change.Arguments ?? before.Arguments,
            Trigger = trigger ?? before.Trigger,
            Options = change.Policies.ApplyTo(before.Options),
        };
    }

    public Task RemoveAsync(string job, long? ifVersion = null, CancellationToken cancellationToken = default) =>
        EditAsync(Guarded(JobEdits.Remove(JobId.Parse(job)), ifVersion), cancellationToken);

    /// <summary>Limits an edit to a version of the job. The store's transaction compares the versions, so that no other
    /// change can come between.</summary>
    /// <remarks>A missing or ended job has no version. All edits except adding a job report a missing job
    /// themselves.</remarks>
    static JobEdit Guarded(JobEdit edit, long? version, bool mustExist = false) => version is null ? edit : edit with
    {
        Edit = (stored, now) => (stored is { Ended: null } ? stored.Version == version : !mustExist)
            ? edit.Edit(stored, now)
            : throw new JobChangedException(edit.Job),
    };

    /// <summary>Returns true if the arguments of a job must match its handler. A job without a trigger and without
    /// arguments waits for requests with arguments of their own.</summary>
    static bool IsRunnable(Trigger? trigger, JobArguments arguments) => trigger is not null || arguments != JobArguments.None;

    Trigger? Trigger(TriggerBuilder? trigger, JobId job, DateTimeOffset now) =>
        trigger?.Build(new(options.ZoneOrLocal, now, job.Value) { Dates = options.ExcludedDates });

    async Task<StoredJob?> EditAsync(JobEdit edit, CancellationToken cancellationToken) =>
        (await Store.ChangeAsync(new() { Jobs = [edit.From(Origin)] }, cancellationToken)).Jobs[0];

    void CheckExecutor(string? name)
    {
        if (handlers is not null && name is not null && !options.Executors.ContainsKey(name))
        {
            throw new FormatException(
                $"executor is '{Printable.Shown(name)}'; there is {string.Join(", ", options.Executors.Keys.Order(StringComparer.Ordinal).Select(e => $"'{e}'"))}. SCHEDULER_EXECUTORS adds further executors.");
        }
    }

    /// <summary>Checks the limits of the history. A guest does not know the retention of the nodes.</summary>
    void CheckHistory(JobPolicies policies)
    {
        if (handlers is not null) HistoryLimits.Check(policies, options);
    }

    public async Task<EnqueuedRun> RunAsync(
        string job, object? args = null, TimeSpan? after = null, DateTimeOffset? at = null, string? key = null,
        CancellationToken cancellationToken = default)
    {
        if (after is not null && at is not null) throw new ArgumentException("Both after and at are given. Only one is allowed.");
        if (after < TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(after), after, $"after is {after}; it must be zero or more.");
        }

        var request = new RunRequest
        {
            Job = JobId.Parse(job),
            Arguments = args is null ? null : args as JobArguments ?? new("[]", ArgumentsJson.Keywords(args, options).GetRawText()),
            DueAt = at ?? (after is { } wait ? clock.GetUtcNow().Plus(wait) : null),
            Key = key,
            Watched = true,
        };
        return (await RunManyAsync([request], cancellationToken))[0];
    }

    public async Task<IReadOnlyList<EnqueuedRun>> RunManyAsync(IReadOnlyList<RunRequest> requests,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        Dictionary<JobId, Job> jobs = [];
        foreach (var request in requests)
        {
            ArgumentNullException.ThrowIfNull(request);
            if (request.FireTime is not null)
            {
                throw new ArgumentException($"A request has a fire time. Use {nameof(BackfillAsync)} to make up for fire times.",
                    nameof(requests));
            }

            if (!jobs.TryGetValue(request.Job, out var job))
                jobs.Add(request.Job, job = (await StoredAsync(request.Job, cancellationToken)).Job);
            if (job.Error is { } error) throw new FormatException(error);
            var arguments = request.Arguments?.Checked() ?? job.Arguments;
            handlers?.Get(job.Handler).Check(arguments);
        }

        // The caller may wait for the end of each run.
        var enqueued = await Store.EnqueueAsync([.. requests.Select(Recorded)], cancellationToken);
        return [.. enqueued.Select(run => new EnqueuedRun(run.Run, run.Existing, WaitForEndAsync))];

        RunRequest Recorded(RunRequest request) =>
            request with { Watched = true, Author = request.Author ?? (Author is null ? null : Origin) };
    }

    public Task<BackfillResult> BackfillAsync(string job, DateTimeOffset from, DateTimeOffset to, Reason[]? reasons = null,
        bool dryRun = false, CancellationToken cancellationToken = default)
    {
        // An empty selection would otherwise make up for every missed fire time.
        if (reasons is [])
        {
            throw new ArgumentException("The list of reasons is empty. Give at least one reason, or null for every missed fire time.",
                nameof(reasons));
        }

        return new Backfill(Store, JobId.Parse(job), reasons?.ToHashSet(), Origin).RunAsync(from, to, dryRun, cancellationToken);
    }

    public async Task<RunInfo?> FindRunAsync(string id, CancellationToken cancellationToken = default) =>
        await FindRunAsync(RunId.Parse(id), cancellationToken);

    async Task<RunInfo?> FindRunAsync(RunId id, CancellationToken cancellationToken) =>
        (await Store.RunsAsync(new() { Id = id }, cancellationToken)).Runs is [var run] ? Answers.Of(run) : null;

    async Task<RunInfo> WaitForEndAsync(RunId id, CancellationToken cancellationToken)
    {
        // The notification may be lost with its sender. The next check then finds the record written by the sender's
        // successor.
        var wakeUp = new WakeUp(clock, options.Lease / 3);
        using var listening = store.Notifier.Subscribe(notification =>
        {
            if (notification.MayEnd(id)) wakeUp.Signal();
        });
        while (true)
        {
            wakeUp.Reset();
            try
            {
                var run = await FindRunAsync(id, cancellationToken) ?? throw new RunNotFoundException(id);
                if (run.State == RunState.Ended) return run;
            }
            catch (StoreUnavailableException) when (!node.HasStopped)
            {
                // An outage does not lose an enqueued run.
            }

            await wakeUp.WaitAsync(options.Lease / 3, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public async Task<IReadOnlyList<JobInfo>> JobsAsync(CancellationToken cancellationToken = default) =>
        [.. (await Store.JobsAsync(JobQuery.All, cancellationToken)).Jobs.Select(job => Answers.Of(job, handlers))];

    public async Task<JobInfo> JobAsync(string job, CancellationToken cancellationToken = default) =>
        Answers.Of(await StoredAsync(JobId.Parse(job), cancellationToken), handlers);

    async Task<StoredJob> StoredAsync(JobId id, CancellationToken cancellationToken) =>
        (await Store.JobsAsync(new() { Id = id }, cancellationToken)).Jobs is [var found] ? found : throw new JobNotFoundException(id);

    public async Task<RunInfoPage> RunsAsync(RunQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Answers.Of(await Store.RunsAsync(query, cancellationToken));
    }

    public async Task<WhyReport> WhyAsync(string job, DateTimeOffset? from = null, DateTimeOffset? to = null,
        Language language = Language.English, CancellationToken cancellationToken = default) =>
        await Store.WhyAsync(JobId.Parse(job), from, to, language, cancellationToken);

    public async Task<AuditReport> AuditAsync(DateTimeOffset? from = null, DateTimeOffset? to = null,
        Language language = Language.English, CancellationToken cancellationToken = default) =>
        await Store.AuditAsync(from, to, language, cancellationToken);

    public async Task<SchedulerInfo> StateAsync(CancellationToken cancellationToken = default)
    {
        var look = await Store.LookAsync(Sign.None, cancellationToken);
        return new()
        {
            IsActive = node.MemoryHolder() is not null || look is { Living.Count: > 0, State.ShutDown: null },
            Paused = Answers.Of(look.State.Paused),
            ShutDownSince = look.State.ShutDown,
        };
    }

    public async Task<bool> StartAsync(CancellationToken cancellationToken = default)
    {
        var changed = false;
        var start = SchedulerEdits.Start;
        await Store.ChangeAsync(new()
        {
            State = start.From(Origin) with
            {
                Edit = (state, now) => (changed = state.ShutDown is not null) ? start.Edit(state, now) : state,
            },
        }, cancellationToken);
        return changed;
    }

    public async Task<bool> ShutdownAsync(CancellationToken cancellationToken = default)
    {
        var changed = false;
        var shutDown = SchedulerEdits.ShutDown;
        await Store.ChangeAsync(new()
        {
            State = shutDown.From(Origin) with
            {
                Edit = (state, now) => (changed = state.ShutDown is null) ? shutDown.Edit(state, now) : state,
            },
        }, cancellationToken);
        return changed;
    }

    public async Task<IReadOnlyList<NodeInfo>> NodesAsync(CancellationToken cancellationToken = default)
    {
        List<NodeInfo> nodes = [.. await store.Notifier.AskNodesAsync(NodesLimit, cancellationToken)];
        if (node.MemoryHolder() is { } holder) nodes.Add(Of(holder));
        return nodes;
    }

    /// <summary>Returns the holder of the lock, if the jobs are in the memory of another process and notifications do
    /// not reach the process.</summary>
    NodeInfo Of(LockHolder holder) => new()
    {
        Id = $"{holder.Host}-{holder.Pid}",
        Pid = holder.Pid,
        Host = holder.Host,
        Role = "active",
        Reason = null,
        Sentence = ReasonText.Active(holder.Epoch, holder.Since),
        Epoch = holder.Epoch,
        StartedAt = holder.Since,
        LastSeen = clock.GetUtcNow(),
        Url = null,
        Version = "unknown",
        Scope = store.Place.Scope,
    };
}
