using System.Diagnostics;
using System.Globalization;
using Escapement.Engine;
using Escapement.Jobs;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Escapement.Simulation;

/// <summary>The result of a year.</summary>
/// <param name="Ledger">All layers of the ledger.</param>
/// <param name="Audit">The audit of the whole year.</param>
/// <param name="Digest">The digest of the ledger.</param>
/// <param name="Simulated">How long the simulation took, in real time.</param>
sealed record YearResult(LedgerPart Ledger, AuditReport Audit, string Digest, TimeSpan Simulated);

/// <summary>A year of jobs: the real engine in two processes over a store in memory, with restarts, kills, pauses, edits and
/// changes of the clock. A single thread and a seed give the order of everything.</summary>
sealed class YearRun : IAsyncDisposable
{
    static readonly TimeSpan Lease = TimeSpan.FromHours(1), Drain = TimeSpan.FromMinutes(1);
    static readonly CancellationToken None = CancellationToken.None;

    readonly YearTime time = new();
    readonly YearPlan plan;
    readonly IJobStore store;
    readonly LocalLocks locks = new();
    readonly List<Process> processes = [];
    readonly Dictionary<string, int> counts = [];
    Exception? failure;
    int started;

    YearRun(YearPlan plan, ActiveNodes actives)
    {
        this.plan = plan;
        store = new MemoryStore(new YearClock(time, new(time)), actives);
    }

    /// <summary>Runs a plan from its start to its audit.</summary>
    public static async Task<YearResult> OfAsync(YearPlan plan, ActiveNodes actives = ActiveNodes.One)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            await using var year = new YearRun(plan, actives);
            return year.Run();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    YearResult Run()
    {
        var begun = Stopwatch.GetTimestamp();
        store.OpenAsync("year", None).GetAwaiter().GetResult();
        Start();
        Start();
        foreach (var fault in plan.Faults)
        {
            time.RunUntil(fault.At);
            Strike(fault);
            if (failure is not null) throw new InvalidOperationException($"The engine failed at {time.UtcNow:u}.", failure);
        }

        time.RunUntil(plan.Length);
        foreach (var process in processes) process.Stop();
        time.RunUntil(plan.Length + (Drain * 2), () => processes.TrueForAll(process => process.IsGone));

        // Begins after the end of the last epoch, and settles the runs of killed processes.
        Start();
        time.RunUntil(plan.Length + Lease);
        if (failure is not null) throw new InvalidOperationException($"The engine failed at {time.UtcNow:u}.", failure);
        var simulated = Stopwatch.GetElapsedTime(begun);
        var ledger = store.LedgerAsync(new(), None).GetAwaiter().GetResult();
        var (from, to) = (YearPlan.Start.AddDays(-1), YearPlan.Start + plan.Length + TimeSpan.FromDays(1));
        var audit = store.AuditAsync(from, to, Language.English, None).GetAwaiter().GetResult();
        return new(ledger, audit, LedgerDigest.Of(ledger), simulated);
    }

    void Start() => processes.Add(new(this, ++started));

    Process? Active => processes.Find(process => !process.IsGone && process.Engine.Status is NodeState.Active);

    void Strike(YearFault fault)
    {
        var id = plan.Jobs[fault.Job].Declared.Id;
        switch (fault.Event)
        {
            case YearEvent.Kill:
                Active?.Kill();
                Start();
                break;
            case YearEvent.KillAll:
                foreach (var process in processes) process.Kill();
                Later(fault.Lasts, () =>
                {
                    Start();
                    Start();
                });
                break;
            case YearEvent.Restart:
                Active?.Stop();
                Start();
                break;
            case YearEvent.PauseAll:
                Change(new() { State = SchedulerEdits.Pause(by: "li", why: "move of the database") });
                Later(fault.Lasts, () => Change(new() { State = SchedulerEdits.Resume }));
                break;
            case YearEvent.Pause:
                Change(new() { Jobs = [JobEdits.Pause(id, by: "li", why: "wrong data")] });
                Later(fault.Lasts, () => Change(new() { Jobs = [JobEdits.Resume(id)] }));
                break;
            case YearEvent.PauseTag:
                var tag = YearPlan.TagOf(fault.Job);
                Change(new() { Pauses = [ScopedPauseEdit.Pause(PauseScope.Tag, tag)] });
                Later(fault.Lasts, () => Change(new() { Pauses = [ScopedPauseEdit.Resume(PauseScope.Tag, tag)] }));
                break;
            case YearEvent.SkipNext:
                Change(new() { Jobs = [JobEdits.SkipNext(id, by: "li", why: "a holiday")] });
                break;
            case YearEvent.Change:
                Change(new() { Jobs = [JobEdits.Change(id, job => job with { Trigger = YearPlan.Other(fault.Job) })] });
                break;
            case YearEvent.Remove:
                Change(new() { Jobs = [JobEdits.Remove(id)] });
                Later(fault.Lasts, () => Change(new() { Jobs = [JobEdits.Add(plan.Jobs[fault.Job].Declared, replaceExisting: true)] }));
                break;
            case YearEvent.Forward:
                time.WallClockOff += fault.Lasts;
                break;
            case YearEvent.Back:
                time.WallClockOff -= fault.Lasts;
                break;
        }

        processes.RemoveAll(process => process.IsGone);
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();

    void Later(TimeSpan delay, Action what) => time.Add(new(what), delay);

    void Change(Change change)
    {
        try
        {
            store.ChangeAsync(change, None).GetAwaiter().GetResult();
        }
        catch (JobNotFoundException)
        {
            // The job was removed meanwhile.
        }
    }

    /// <summary>A process with the real engine.</summary>
    sealed class Process
    {
        readonly YearRun year;
        readonly YearScheduler scheduler;
        readonly YearClock clock;
        readonly NodeName name;

        public Process(YearRun year, int number)
        {
            (this.year, scheduler) = (year, new(year.time));
            clock = new(year.time, scheduler);
            name = new(string.Create(CultureInfo.InvariantCulture, $"process-{number}"), 4700 + number, "web-1", year.time.UtcNow,
                string.Create(CultureInfo.InvariantCulture, $"process-{number}"));
            var settings = new EngineSettings("year", Lease, Drain, TimeSpan.FromDays(1000), TimeSpan.FromHours(24))
            {
                WarmUps = 0,
                Executors = new Dictionary<string, int> { ["default"] = 500, ["narrow"] = 2 },
            };
            var handles = year.locks.Open(name.Id, freeMeansGone: year.store.Place.Actives == ActiveNodes.One);
            var context = new NodeContext(name, new YearStore(year.store, clock), handles, settings, clock, scheduler, NullLogger.Instance);
            var handlers = new HandlerRegistry(year.plan.Jobs.Select(job => new Handler(job.Declared.Handler,
                (_, _, cancellationToken) => HandleAsync(job, cancellationToken), NeedsServices: false, Blocks: false, static _ => { })));
            IReadOnlyList<Job> declared = [.. year.plan.Jobs.Select(job => job.Declared)];
            Engine = new(context, handlers, null, _ => new(declared, new Dictionary<JobId, string>()));
            Do(() => Engine.StartAsync(None));
        }

        public NodeLifecycle Engine { get; }

        public bool IsGone => scheduler.IsGone;

        public void Kill()
        {
            scheduler.IsGone = true;
            year.locks.Release(name.Id);
        }

        public void Stop() => Do(async () =>
        {
            await Engine.StopAsync(None);
            await Engine.DisposeAsync();
            Kill();
        });

        async ValueTask HandleAsync(YearJob job, CancellationToken cancellationToken)
        {
            if (job.FailsEvery > 0 && ++System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(
                year.counts, job.Declared.Handler, out _) % job.FailsEvery == 0)
            {
                throw new InvalidDataException("The handler of the year fails.");
            }

            if (job.Takes > TimeSpan.Zero) await Task.Delay(job.Takes, clock, cancellationToken);
        }

        void Do(Func<Task> work) => Task.Factory.StartNew(async () =>
        {
            try
            {
                await work();
            }
            catch (Exception e)
            {
                year.failure ??= e;
            }
        }, None, TaskCreationOptions.None, scheduler);
    }
}
