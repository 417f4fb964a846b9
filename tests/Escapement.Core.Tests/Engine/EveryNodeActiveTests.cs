using System.Collections.Concurrent;
using Escapement.Engine;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Escapement.Core.Tests.Engine;

/// <summary>Tests of nodes over a store in which every node is active under its own epoch.</summary>
public sealed class EveryNodeActiveTests : IAsyncDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    static readonly DateTimeOffset Start = new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero);
    static readonly NodeName Ghost = new("ghost", 1, "there", Start, "ghost");

    readonly FakeTimeProvider clock = new(Start);
    readonly PumpScheduler pump = new();
    readonly SessionLocks locks = new();
    readonly ConcurrentQueue<(string Node, string Job)> ran = new();
    readonly TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly List<NodeLifecycle> nodes = [];
    readonly TroubledStore store;

    public EveryNodeActiveTests() => store = new(clock, actives: ActiveNodes.Each);

    /// <summary>
    /// Ends the remaining nodes, even after a failed test, because
    /// their work continues only while the test drives them.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        release.TrySetResult();
        foreach (var node in nodes)
        {
            var ending = node.DisposeAsync().AsTask();
            await UntilAsync(() => ending.IsCompleted, step: 0.1);
            await ending;
        }

        await store.DisposeAsync();
    }

    NodeLifecycle Make(string name, params Job[] declared)
    {
        var own = locks.Of(name);
        var context = new NodeContext(
            new(name, Environment.ProcessId, "here", clock.GetUtcNow(), own.LifeLock), store, own,
            new("tests", TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(25), TimeSpan.FromDays(30), TimeSpan.FromHours(24)),
            clock, pump, NullLogger.Instance);
        var handlers = new HandlerRegistry([
            new("note", (job, _, _) => { ran.Enqueue((name, job.Job.Value)); return default; }, false, false, _ => { }),
            new("long", async (job, _, cancellationToken) => { ran.Enqueue((name, job.Job.Value)); await release.Task.WaitAsync(
                cancellationToken); }, false, false, _ => { }),
        ]);
        var node = new NodeLifecycle(context, handlers, null, _ => new(declared, new Dictionary<JobId, string>()));
        nodes.Add(node);
        return node;
    }

    static Job Declared(string id, string handler = "note") => new()
    {
        Id = JobId.Parse(id),
        Name = id,
        Handler = handler,
        Origin = JobOrigin.Code,
        DeclaredHash = id,
        Trigger = new IntervalTrigger(TimeSpan.FromSeconds(10), Start + TimeSpan.FromSeconds(10), ZoneClock.Utc),
    };

    async Task<RunId> AddAsync(string id, string handler = "note", bool rerun = false)
    {
        var job = new Job { Id = JobId.Parse(id), Name = id, Handler = handler, Options = new() { RerunIfInterrupted = rerun } };
        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(job)] }, default);
        return (await store.EnqueueAsync([new() { Job = job.Id }], default))[0].Run;
    }

    /// <summary>Begins the epoch of a node without an engine.</summary>
    async Task<Epoch> HauntAsync()
    {
        await store.LookAsync(new Sign.Enter(Ghost, [], ["note", "long"]), default);
        return (await store.ChangeEpochsAsync(new() { Begin = Ghost }, default)).Begun!;
    }

    Task<Claimed> ClaimAsync(Epoch epoch) => store.ClaimAsync(
        new()
        {
            Node = epoch.Node.Id,
            Epoch = epoch.Number,
            Number = 1,
            Handlers = new HashSet<string> { "note", "long" },
            FreePlaces = new Dictionary<string, int> { ["default"] = 10 },
            GraceLimit = TimeSpan.FromHours(24),
        },
        default);

    /// <summary>Alternates between the pending work of the nodes and steps of time until a condition holds.</summary>
    async Task UntilAsync(Func<bool> holds, double step = 0)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            pump.RunAll();
            if (holds()) return;
            limit.Token.ThrowIfCancellationRequested();
            if (step > 0) clock.Advance(TimeSpan.FromSeconds(step));
            await Task.Yield();
        }
    }

    /// <summary>Advances time in small steps.</summary>
    void Pass(double seconds, double step = 0.25)
    {
        pump.RunAll();
        for (var passed = 0.0; passed < seconds; passed += step)
        {
            clock.Advance(TimeSpan.FromSeconds(step));
            pump.RunAll();
        }
    }

    Look Look() => store.LookAsync(Sign.None, default).Result;

    Epoch Row(long number) => store.LedgerAsync(new(), default).Result.Epochs.Single(epoch => epoch.Number == number);

    Run Run(RunId id) => store.RunsAsync(new() { Id = id }, default).Result.Runs.Single();

    int Ended() => store.RunsAsync(new(), default).Result.Runs.Count(run => run.State == RunState.Ended);

    Task StartAsync(NodeLifecycle node) => DoAsync(node.StartAsync(CancellationToken.None));

    async Task DoAsync(Task task)
    {
        await UntilAsync(() => task.IsCompleted);
        await task;
    }

    async Task StopAsync(NodeLifecycle node)
    {
        release.TrySetResult();
        var stopping = node.StopAsync(CancellationToken.None);
        await UntilAsync(() => stopping.IsCompleted, step: 0.1);
        await stopping;
    }

    [Fact]
    public async Task Two_nodes_are_active_at_once_and_each_fire_time_runs_once()
    {
        await store.OpenAsync("tests", default);
        var one = Make("one", Declared("tick"));
        var two = Make("two", Declared("tick"));
        await StartAsync(one);
        await StartAsync(two);
        Assert.Equal(["one", "two"], Look().Living.Select(epoch => epoch.Node.Id));
        Assert.IsType<NodeState.Active>(one.Status);
        Assert.IsType<NodeState.Active>(two.Status);
        for (var times = 1; times <= 5; times++)
        {
            clock.Advance(TimeSpan.FromSeconds(10));
            await UntilAsync(() => Ended() >= times);
        }

        Assert.Equal(5, ran.Count);
        await StopAsync(one);
        Assert.Equal("two", Assert.Single(Look().Living).Node.Id);
        Assert.IsType<NodeState.Active>(two.Status);
        await StopAsync(two);
    }

    [Fact]
    public async Task A_node_that_gives_no_sign_of_life_for_a_lease_is_ended_and_its_runs_are_settled()
    {
        await store.OpenAsync("tests", default);
        var run = await AddAsync("lost");
        var ghost = await HauntAsync();
        locks.Of("ghost");
        Assert.Single((await ClaimAsync(ghost)).Runs);
        var node = Make("one");
        await StartAsync(node);
        await UntilAsync(() => Row(ghost.Number).Ended is not null, step: 0.25);
        Assert.Equal((EpochEnd.LeaseOver, "one"), (Row(ghost.Number).How, Row(ghost.Number).EndedBy));
        Assert.True(clock.GetUtcNow() - Start >= TimeSpan.FromSeconds(15));
        Assert.Equal((RunState.Ended, Outcome.Interrupted), (Run(run).State, Run(run).Outcome));
        await StopAsync(node);
    }

    [Fact]
    public async Task A_node_that_beats_is_left_alone()
    {
        await store.OpenAsync("tests", default);
        var ghost = await HauntAsync();
        locks.Of("ghost");
        var node = Make("one");
        await StartAsync(node);
        for (var seconds = 0; seconds < 60; seconds += 4)
        {
            Pass(4);
            await store.LookAsync(new Sign.Heartbeat("ghost", ghost.Number), default);
        }

        Assert.Null(Row(ghost.Number).Ended);
        await StopAsync(node);
    }

    [Fact]
    public async Task A_life_lock_that_is_free_is_a_reason_to_probe_and_ends_a_node_that_does_not_answer_within_half_a_second()
    {
        await store.OpenAsync("tests", default);
        var ghost = await HauntAsync();
        locks.Of("ghost");
        var node = Make("one");
        await StartAsync(node);

        // A free lock counts for nothing until the node's own session is a lease old.
        for (var seconds = 0; seconds < 20; seconds++)
        {
            Pass(1);
            await store.LookAsync(new Sign.Heartbeat("ghost", ghost.Number), default);
        }

        var probes = 0;
        store.Before = method => probes += method == "Probe" ? 1 : 0;
        var since = clock.GetUtcNow();
        locks.End("ghost");
        await UntilAsync(() => Row(ghost.Number).Ended is not null, step: 0.05);
        Assert.Equal(EpochEnd.ProcessGone, Row(ghost.Number).How);
        Assert.Equal(1, probes);
        Assert.InRange(clock.GetUtcNow() - since, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.7));
        await StopAsync(node);
    }

    [Fact]
    public async Task A_life_lock_is_waited_for_by_its_neighbour_alone_when_another_node_has_come_between()
    {
        await store.OpenAsync("tests", default);
        var ghost = await HauntAsync();
        locks.Of("ghost");
        var (first, second) = (Make("one"), Make("two"));
        await StartAsync(first);
        Pass(6);
        await StartAsync(second);
        for (var seconds = 0; seconds < 20; seconds++)
        {
            Pass(1);
            await store.LookAsync(new Sign.Heartbeat("ghost", ghost.Number), default);
        }

        // The first node waited for the life lock of the ghost until the second node came between.
        var since = clock.GetUtcNow();
        locks.End("ghost");
        await UntilAsync(() => Row(ghost.Number).Ended is not null, step: 0.05);
        Assert.Equal(EpochEnd.ProcessGone, Row(ghost.Number).How);
        Assert.InRange(clock.GetUtcNow() - since, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.7));
        await StopAsync(first);
        await StopAsync(second);
    }

    [Fact]
    public async Task A_life_lock_that_was_lost_is_taken_again_before_the_epoch_begins()
    {
        await store.OpenAsync("tests", default);
        var node = Make("one");
        locks.End("one");
        bool? held = null;
        store.Before = method => held ??= method == "Raise" ? locks.IsHeld("one") : null;
        await StartAsync(node);
        Assert.True(held);
        await StopAsync(node);
    }

    [Fact]
    public async Task A_node_beats_as_soon_as_its_epoch_has_begun_because_it_may_have_been_probed_before_it_knew()
    {
        await store.OpenAsync("tests", default);
        var node = Make("one");
        var begun = false;
        store.After = method =>
        {
            // The notification of the probe arrives before the node sends heartbeats.
            if (method != "Raise" || begun) return;
            begun = true;
            _ = store.LookAsync(new Sign.Probe("two", EpochSeen.Of(Look().Living[0])), default);
        };
        await StartAsync(node);
        Pass(0.1, step: 0.05);
        Assert.Equal(0, Row(1).Probes);
        await StopAsync(node);
    }

    [Fact]
    public async Task A_node_whose_session_ended_answers_the_probe_takes_its_lock_again_and_lives()
    {
        await store.OpenAsync("tests", default);
        var one = Make("one");
        var two = Make("two");
        await StartAsync(one);
        await StartAsync(two);
        Pass(20);
        var probed = false;
        store.After = method => probed |= method == "Probe";
        locks.End("one");
        await UntilAsync(() => Volatile.Read(ref probed), step: 0.05);
        await UntilAsync(() => locks.IsHeld("one"), step: 0.05);
        Pass(5, step: 0.05);
        Assert.Equal(2, Look().Living.Count);
        await StopAsync(one);
        await StopAsync(two);
    }

    [Fact]
    public async Task A_node_whose_epoch_was_ended_cancels_its_runs_and_begins_a_new_epoch()
    {
        await store.OpenAsync("tests", default);
        var run = await AddAsync("slow", "long", rerun: true);
        var node = Make("one");
        await StartAsync(node);
        await UntilAsync(() => ran.Count == 1);
        var ghost = await HauntAsync();
        var mine = Look().Living.Single(epoch => epoch.Node.Id == "one");
        var change = new EpochChange { By = ("ghost", ghost.Number), Ends = [(EpochSeen.Of(mine), EpochEnd.LeaseOver)] };
        Assert.Equal(1, (await store.ChangeEpochsAsync(change, default)).Settled);

        // The run's next attempt is claimed under the new epoch.
        await UntilAsync(() => ran.Count == 2, step: 0.05);
        Assert.True(Look().Living.Single(epoch => epoch.Node.Id == "one").Number > mine.Number);
        release.TrySetResult();
        await UntilAsync(() => Run(run).State == RunState.Ended);
        await StopAsync(node);
        Assert.Equal(2, Run(run).Attempt);
        Assert.Equal(Outcome.Succeeded, Run(run).Outcome);
    }

    [Theory]
    [InlineData(ActiveNodes.One)]
    [InlineData(ActiveNodes.Each)]
    public async Task The_runs_of_a_claim_whose_answer_was_lost_are_started_exactly_once(ActiveNodes actives)
    {
        var (shared, lost) = (new TroubledStore(clock, actives: actives), 0);
        await shared.OpenAsync("tests", default);
        shared.After = method =>
        {
            if (method == "Claim" && Volatile.Read(ref lost) is > 0 and <= 2)
            {
                Interlocked.Increment(ref lost);
                throw TroubledStore.Away;
            }
        };
        var own = locks.Of("one");
        own.Main.TryTake();
        var context = new NodeContext(
            new("one", 1, "here", Start, null), shared, own,
            new("tests", TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(25), TimeSpan.FromDays(30), TimeSpan.FromHours(24)),
            clock, pump, NullLogger.Instance);
        var handlers = new HandlerRegistry(
            [new("note", (job, _, _) => { ran.Enqueue(("one", job.Job.Value)); return default; }, false, false, _ => { })]);
        var node = new NodeLifecycle(context, handlers, null, _ => Declarations.None);
        nodes.Add(node);
        await StartAsync(node);
        var jobs = Enumerable.Range(0, 5).Select(i => new Job { Id = JobId.Parse($"j{i}"), Name = "j", Handler = "note" }).ToList();
        await shared.ChangeAsync(new() { Jobs = [.. jobs.Select(job => JobEdits.Add(job))] }, default);
        Volatile.Write(ref lost, 1);
        await shared.EnqueueAsync([.. jobs.Select(job => new RunRequest { Job = job.Id })], default);
        await UntilAsync(() =>
            shared.RunsAsync(new(), default).Result.Runs.Count(run => run.Outcome == Outcome.Succeeded) == 5, step: 0.25);
        await StopAsync(node);
        Assert.Equal(3, lost);
        Assert.Equal(["j0", "j1", "j2", "j3", "j4"], ran.Select(run => run.Job).Order());
    }

    [Fact]
    public async Task A_step_down_lets_the_runs_of_a_claim_without_an_answer_wait_again()
    {
        await store.OpenAsync("tests", default);
        var node = Make("one");
        await StartAsync(node);
        var lost = false;
        store.After = method =>
        {
            if (method != "Claim" || Look().Nodes.All(known => known.Running == 0)) return;
            Volatile.Write(ref lost, true);
            throw TroubledStore.Away;
        };
        var run = await AddAsync("asked");
        await UntilAsync(() => Volatile.Read(ref lost));
        await DoAsync(node.StepDownAsync());
        Assert.Equal((RunState.Waiting, 0), (Run(run).State, ran.Count));
        store.After = _ => { };
        var two = Make("two");
        await StartAsync(two);
        await UntilAsync(() => Run(run).State == RunState.Ended);
        Assert.Equal(("two", "asked"), Assert.Single(ran));
        await StopAsync(node);
        await StopAsync(two);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_draining_node_goes_on_beating_and_keeps_its_run_for_longer_than_a_lease(bool isStepDownAnswered)
    {
        await store.OpenAsync("tests", default);
        var run = await AddAsync("slow", "long");
        var one = Make("one");
        await StartAsync(one);
        await UntilAsync(() => ran.Count == 1);
        var two = Make("two");
        await StartAsync(two);
        store.After = method =>
        {
            if (!isStepDownAnswered && method == "StepDown") throw TroubledStore.Away;
        };
        await DoAsync(one.StepDownAsync());
        store.After = _ => { };
        Pass(20);
        Assert.Equal("one", Assert.Single(Look().Draining).Node.Id);
        Assert.Equal(RunState.Running, Run(run).State);
        // No time passes while the handler returns on its thread: the drain ends after five more seconds.
        release.TrySetResult();
        await UntilAsync(() => Run(run).State == RunState.Ended);
        Assert.Equal(Outcome.Succeeded, Run(run).Outcome);
        await StopAsync(one);
        await StopAsync(two);
    }

    [Fact]
    public async Task A_draining_node_that_gives_no_sign_of_life_is_settled_after_a_lease()
    {
        await store.OpenAsync("tests", default);
        var run = await AddAsync("lost");
        var ghost = await HauntAsync();
        locks.Of("ghost");
        Assert.Single((await ClaimAsync(ghost)).Runs);
        await store.ChangeEpochsAsync(new() { By = ("ghost", ghost.Number), StepDown = new(DateTimeOffset.MaxValue, EpochEnd.ShutDown) },
            default);
        var node = Make("one");
        await StartAsync(node);
        await UntilAsync(() => Run(run).State == RunState.Ended, step: 0.25);
        Assert.True(clock.GetUtcNow() - Start >= TimeSpan.FromSeconds(15));
        Assert.Equal((EpochEnd.ShutDown, "one"), (Row(ghost.Number).How, Row(ghost.Number).EndedBy));
        await StopAsync(node);
    }

    [Fact]
    public async Task A_job_is_kept_if_a_node_that_declares_it_comes_while_it_is_retired()
    {
        await store.OpenAsync("tests", default);
        await store.ChangeAsync(new() { Jobs = [JobEdits.Declare(Declared("old"))] }, default);
        var retired = 0;
        store.Changes = change =>
        {
            if (!change.Jobs.Any(edit => edit.Kind == ActionKind.Retired) || retired++ > 0) return;
            _ = store.LookAsync(new Sign.Enter(Ghost, ["old"], ["note"]), default);
        };
        var node = Make("one", Declared("mine"));
        await StartAsync(node);
        Pass(20);
        Assert.Equal(1, retired);
        Assert.Equal(["mine", "old"], (await store.JobsAsync(JobQuery.All, default)).Jobs.Select(job => job.Job.Id.Value).Order());
        await StopAsync(node);
    }

    [Fact]
    public async Task A_job_that_only_a_node_that_has_left_declared_is_retired_by_the_oldest_node()
    {
        await store.OpenAsync("tests", default);
        var one = Make("one", Declared("both"));
        var two = Make("two", Declared("both"), Declared("old"));
        await StartAsync(one);
        await StartAsync(two);
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(2, (await store.JobsAsync(JobQuery.All, default)).Jobs.Count);
        await StopAsync(two);
        await UntilAsync(() => store.JobsAsync(JobQuery.All, default).Result.Jobs.Count == 1, step: 0.5);
        Assert.Equal("both", (await store.JobsAsync(JobQuery.All, default)).Jobs[0].Job.Id.Value);
        Assert.True(one.Status is NodeState.Active);
        await StopAsync(one);
    }
}
