using System.Security.Cryptography;
using System.Text;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Engine;

/// <summary>
/// Brings the stored jobs in line with the jobs declared by the program and its settings. Run by a node when it becomes
/// active.
/// </summary>
/// <remarks>
/// While processes run different versions of the program, the definition of the newest activation applies. Unchanged
/// jobs cost a single read.
/// </remarks>
sealed class Reconciler(NodeContext context, IReadOnlySet<string> handlers, Func<DateTimeOffset, Declarations> declared)
{
    static readonly TimeSpan Idle = TimeSpan.FromDays(1);

    readonly Lock gate = new();
    readonly WakeUp settingsChanged = new(context.Clock, Idle);
    readonly StartReport report = new(context, handlers);
    Declared? current;
    HashSet<string>? knownNodes;
    bool othersDeclareMore;

    /// <summary>The declarations, with a hash over all of them.</summary>
    /// <remarks>The written text, and therefore the hash, is the same for every call. Only computed values depend on the
    /// instant.</remarks>
    sealed record Declared(Declarations Declarations, string Hash);

    Declared Current
    {
        get
        {
            lock (gate) return current ??= Declare();
        }
    }

    /// <summary>Returns the ids of the jobs declared by this program.</summary>
    public IReadOnlyList<string> Ids() => IdsOf(Current.Declarations);

    /// <summary>A hash over all declarations of the program and its settings.</summary>
    public string Hash => Current.Hash;

    static string[] IdsOf(Declarations declarations) => [.. declarations.Jobs.Select(job => job.Id.Value)];

    Declared Declare()
    {
        var declarations = declared(context.Clock.GetUtcNow());
        var lines = declarations.Jobs.Select(job => $"{job.Id} {job.DeclaredHash} {declarations.SwitchedOff.ContainsKey(job.Id)}")
            .Concat(declarations.ExcludedDates.Values.Select(set => $"{set.Name}: {string.Join(", ", set.Days)}"))
            .Order(StringComparer.Ordinal);
        return new(declarations, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines)))));
    }

    /// <summary>Discards the known declarations after a change of the settings, and wakes <see cref="FollowAsync"/>.</summary>
    public void Redeclare()
    {
        lock (gate) current = null;
        settingsChanged.Signal();
    }

    /// <summary>Brings the stored jobs in line again after each change of the settings, and once in a lease while another
    /// living node declares jobs that this program does not declare. Must not run beside <see cref="RunAsync"/>.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        var pause = Pause();
        while (true)
        {
            await settingsChanged.WaitUntilAsync(context.Clock.GetUtcNow() + pause, cancellationToken);
            if (cancellationToken.IsCancellationRequested) return;
            try
            {
                await RunAsync(cancellationToken);
                pause = Pause();
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (StoreUnavailableException)
            {
                // The heartbeat reports the outage.
                pause = EngineSettings.RetryPause;
            }
            catch (Exception e)
            {
                // The jobs run as they stand.
                Log.NotInLine(context.Log, Failure.MessageOf(e), Failure.Loggable(e));
                pause = Idle;
            }
        }

        TimeSpan Pause() => othersDeclareMore ? context.Settings.Lease : Idle;
    }

    /// <summary>
    /// Begins jobs anew whose trigger begins in the future only because the clock was ahead when the job was declared.
    /// </summary>
    /// <returns>The changed jobs.</returns>
    public async Task<IReadOnlyList<StoredJob>> BeginAnewAsync(CancellationToken cancellationToken)
    {
        var now = context.Clock.GetUtcNow();
        var late = (await context.Store.JobsAsync(JobQuery.All, cancellationToken)).Jobs
            .Where(job => ComputedStart.MayBeLate(job, now)).Select(job => job.Job.Id).ToHashSet();
        if (late.Count == 0) return [];
        var declares = declared(now).Jobs.Where(job => late.Contains(job.Id));
        var begun = await context.Store.ChangeAsync(new() { Jobs = OfThisProcess(declares.Select(JobEdits.BeginAnew)) }, cancellationToken);
        List<StoredJob> jobs = [.. begun.Jobs.OfType<StoredJob>()];
        foreach (var job in jobs.Where(job => job.MarkedAt <= context.Clock.GetUtcNow() + ComputedStart.MaxDrift))
        {
            Log.BegunAnew(context.Log, job.Job.Id.Value, job.Next ?? now);
        }

        return jobs;
    }

    /// <summary>Adds, changes and retires jobs that differ, in a single transaction.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        settingsChanged.Reset();
        var (known, hash) = Current;
        var stored = await StoredAsync(cancellationToken);
        if (await EditsAsync(known, stored, cancellationToken) is not { Edits.Count: 0 })
        {
            var (edits, added, altered, retired) =
                await EditsAsync(declared(context.Clock.GetUtcNow()), await StoredAsync(cancellationToken), cancellationToken);
            Take((await context.Store.ChangeAsync(new() { Jobs = OfThisProcess(edits) }, cancellationToken)).Jobs.OfType<StoredJob>());
            Tell(added, altered, retired, known.Jobs.Count - added - altered);
        }

        var now = context.Clock.GetUtcNow();
        if (stored.Values.Any(job => ComputedStart.MayBeLate(job, now))) Take(await BeginAnewAsync(cancellationToken));
        report.Tell(stored.Values, IdsOf(known));
        if (context.EveryNodeIsActive)
        {
            await FollowNodesAsync(await context.Store.LookAsync(Sign.None, cancellationToken), cancellationToken);
        }

        await context.Store.ChangeAsync(
            new() { State = new(null, (state, _) => state.Declared == hash ? state : state with { Declared = hash }) }, cancellationToken);

        void Take(IEnumerable<StoredJob> jobs)
        {
            foreach (var job in jobs) stored[job.Job.Id] = job;
        }
    }

    void Tell(int added, int altered, List<StoredJob> retired, int unchanged)
    {
        const int most = 10;
        Log.Reconciled(context.Log, added, altered, retired.Count, unchanged);
        if (retired.Count == 0) return;
        Log.Retired(context.Log, Names.Bounded([.. retired.Take(most).Select(job => job.Job.Id.Value)], retired.Count));
    }

    async Task<Dictionary<JobId, StoredJob>> StoredAsync(CancellationToken cancellationToken) =>
        (await context.Store.JobsAsync(new() { Ended = true }, cancellationToken)).Jobs.ToDictionary(job => job.Job.Id);

    async Task<(List<JobEdit> Edits, int Added, int Changed, List<StoredJob> Retired)> EditsAsync(
        Declarations wanted, Dictionary<JobId, StoredJob> stored, CancellationToken cancellationToken)
    {
        List<JobEdit> edits = [];
        List<StoredJob> retired = [];
        int added = 0, changed = 0;
        foreach (var job in wanted.Jobs)
        {
            var there = stored.GetValueOrDefault(job.Id);
            if (wanted.SwitchedOff.ContainsKey(job.Id))
            {
                if (there?.Ended == JobEnd.SwitchedOff) continue;
                edits.Add(JobEdits.SwitchOff(job));
            }
            else
            {
                if (there?.Job.DeclaredHash == job.DeclaredHash && there?.Ended is not (JobEnd.Retired or JobEnd.SwitchedOff)) continue;
                var declare = JobEdits.Declare(job);
                edits.Add(wanted.Starts.TryGetValue(job.Id, out var start) ? Beginning(declare, start) : declare);
            }

            _ = there is null ? added++ : changed++;
        }

        changed += FollowDates(wanted, stored.Values, edits);
        if (!context.EveryNodeIsActive)
        {
            retired = await NoLongerDeclaredAsync(wanted, stored.Values, cancellationToken);
            edits.AddRange(retired.Select(job => JobEdits.Retire(job.Job.Id)));
        }

        return (edits, added, changed, retired);
    }

    /// <summary>
    /// Returns the declaration with the job's first fire time. The first fire time applies only to a new declaration,
    /// because another node may have declared the job at the same moment.
    /// </summary>
    static JobEdit Beginning(JobEdit declare, DeclaredStart start)
    {
        var begin = JobEdits.Change(declare.Job, same => same, start.Next, start.Paused);
        return declare with
        {
            Edit = (stored, now) =>
            declare.Edit(stored, now) is var declared && ReferenceEquals(declared, stored) ? stored : begin.Edit(declared, now)
        };
    }

    /// <summary>
    /// Retires jobs that no living node declares, whenever a node comes or goes. Done only by the node with the oldest
    /// living epoch.
    /// </summary>
    public async Task FollowNodesAsync(Look look, CancellationToken cancellationToken)
    {
        HashSet<string> nodes = [.. look.Nodes.Select(node => node.Name.Id)];
        if (look.Living is not [var oldest, ..] || oldest.Node.Id != context.Name.Id)
        {
            knownNodes = null;
            return;
        }

        if (knownNodes is not null && knownNodes.SetEquals(nodes)) return;
        try
        {
            await RetireAsync(cancellationToken);
        }
        catch (Exception e) when (e is not (StoreUnavailableException or OperationCanceledException))
        {
            // The jobs run as they stand, and the node continues. The next attempt follows when a node comes or goes.
            Log.NotInLine(context.Log, Failure.MessageOf(e), Failure.Loggable(e));
        }

        knownNodes = nodes;
    }

    async Task RetireAsync(CancellationToken cancellationToken)
    {
        var stored = (await context.Store.JobsAsync(JobQuery.All, cancellationToken)).Jobs;
        var gone = await NoLongerDeclaredAsync(Current.Declarations, stored, cancellationToken);
        if (gone.Count == 0) return;
        await context.Store.ChangeAsync(new() { Jobs = OfThisProcess(gone.Select(Retiring)) }, cancellationToken);
        Tell(0, 0, gone, Current.Declarations.Jobs.Count);

        // A node that registered between the look and the change found its jobs in line, and will not check again.
        var look = await context.Store.LookAsync(new Sign.Enter(context.Name, Ids(), handlers), cancellationToken);
        var declaredNow = look.Nodes.SelectMany(node => node.Declares).ToHashSet();
        List<JobEdit> back = [.. gone.Where(job => declaredNow.Contains(job.Job.Id.Value)).Select(Returning)];
        if (back.Count > 0) await context.Store.ChangeAsync(new() { Jobs = OfThisProcess(back) }, cancellationToken);
    }

    List<JobEdit> OfThisProcess(IEnumerable<JobEdit> edits) => [.. edits.Select(edit => edit with { Origin = context.Name.Origin })];

    static JobEdit Retiring(StoredJob read)
    {
        var retire = JobEdits.Retire(read.Job.Id);
        return retire with { Edit = (stored, now) => stored?.Version == read.Version ? retire.Edit(stored, now) : stored };
    }

    static JobEdit Returning(StoredJob read)
    {
        var declare = JobEdits.Declare(read.Job);
        return declare with { Edit = (stored, now) => stored is { Ended: JobEnd.Retired } ? declare.Edit(stored, now) : stored };
    }

    /// <summary>
    /// Updates the days of the named sets in jobs that were added or changed at run time. Such jobs keep their own copy
    /// of the days.
    /// </summary>
    static int FollowDates(Declarations wanted, IEnumerable<StoredJob> stored, List<JobEdit> edits)
    {
        var edited = edits.Select(edit => edit.Job).ToHashSet();
        var before = edits.Count;
        foreach (var job in stored.Where(job => job.Ended is null && !edited.Contains(job.Job.Id)))
        {
            if (job.Job.Trigger is not { } trigger || trigger.WithDates(wanted.ExcludedDates) is not { } dated
                || ReferenceEquals(dated, trigger))
            {
                continue;
            }

            // Computed once, outside the transaction. If another version of the job came in between, the trigger is
            // computed again.
            edits.Add(JobEdits.Change(job.Job.Id, now => now with
            {
                Trigger = now.Trigger is { } trigger && trigger.ToString() == job.Job.Trigger.ToString()
                    ? dated
                    : now.Trigger?.WithDates(wanted.ExcludedDates),
            }));
        }

        return edits.Count - before;
    }

    /// <summary>Returns the stored declared jobs that neither this program nor any living node declares.</summary>
    async Task<List<StoredJob>> NoLongerDeclaredAsync(Declarations wanted, IEnumerable<StoredJob> stored,
        CancellationToken cancellationToken)
    {
        var mine = wanted.Jobs.Select(job => job.Id).ToHashSet();
        List<StoredJob> gone = [.. stored.Where(job =>
            job.Ended is null && job.Job.Origin != JobOrigin.Added && !mine.Contains(job.Job.Id))];
        othersDeclareMore = false;
        if (gone.Count == 0) return gone;
        using var lost = new LostNodes(context);
        var look = await context.Store.LookAsync(new Sign.Enter(context.Name, Ids(), handlers), cancellationToken);
        var dead = lost.Find(look, context.Name.Id);
        var alive = look.Nodes.Where(node => node.Name.Id != context.Name.Id && !dead.Contains(node.Name.Id))
            .SelectMany(node => node.Declares).ToHashSet();
        othersDeclareMore = gone.RemoveAll(job => alive.Contains(job.Job.Id.Value)) > 0;
        return gone;
    }
}
