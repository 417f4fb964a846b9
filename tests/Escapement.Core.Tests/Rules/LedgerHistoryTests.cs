using System.Collections.Concurrent;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Testing.Stores;
using Xunit;
using static Escapement.Core.Tests.Rules.Arrange;

namespace Escapement.Core.Tests.Rules;

/// <summary>
/// Tests random histories of a job over the memory store.
/// The layers must report each fire time as decided at the time. A failure names its seed.
/// </summary>
public class LedgerHistoryTests
{
    const int Histories = 5_000;
    const int Steps = 200;

    [Fact]
    public void The_layers_tell_of_each_fire_time_what_was_decided()
    {
        ConcurrentQueue<string> failures = [];
        Parallel.For(0, Histories, (seed, loop) =>
        {
            if (!failures.IsEmpty) loop.Stop();
            using var history = new LedgerHistory(seed);
            try
            {
                for (var step = 0; step < Steps; step++)
                {
                    history.Step();
                    if (step % 40 == 39) history.Check();
                }
            }
            catch (Exception e)
            {
                failures.Enqueue($"Seed {seed}: {e.Message}\n{string.Join("\n", history.Told.TakeLast(400))}\n{e.StackTrace}");
            }
        });
        Assert.True(failures.IsEmpty, failures.FirstOrDefault());
    }
}

/// <summary>A job in a memory store, with a naive account of its fire times.</summary>
sealed class LedgerHistory : IDisposable
{
    static readonly StateEdit[] Scheduler = [SchedulerEdits.Pause(), SchedulerEdits.Resume];

    readonly Random random;
    readonly ManualClock clock = new(At(100));
    readonly MemoryStore store;
    readonly NaiveJob naive;
    readonly List<ClaimedRun> running = [];
    (string Node, long Epoch)? active;
    long trimmed = long.MinValue;
    int nodes;
    bool wasSetBack;

    public LedgerHistory(int seed)
    {
        random = new(seed);
        store = new(clock);
        store.OpenAsync("test", default).Wait();
        naive = new()
        {
            MisfireGrace = RandomGrace(),
            Coalesce = random.Next(2) == 0,
            Most = random.Next(3) == 0 ? null : random.Next(1, 3),
        };
    }

    public List<string> Told { get; } = [];

    long Now => (long)Seconds(clock.GetUtcNow());

    Job Definition(NaiveTrigger trigger) =>
        Arrange.Job(trigger.Trigger, naive.MisfireGrace is { } grace ? GraceOf(grace) : MisfireGrace.Unlimited, naive.Coalesce, naive.Most);

    public void Dispose() => store.DisposeAsync().AsTask().Wait();

    public void Step()
    {
        switch (random.Next(30))
        {
            case < 12:
                Pass(random.Next(1, 12));
                Claim();
                break;
            case < 16:
                Record();
                break;
            case 16 when naive.Exists:
                Pause();
                break;
            case 17 when naive.Exists:
                Edit(JobEdits.Resume(Id), naive.Resume);
                break;
            case 18 when naive.Exists:
                var to = Now + random.Next(-60, 60);
                Edit(JobEdits.Change(Id, job => job, At(to)), now => naive.MoveTo(to, now));
                break;
            case 19 when naive.Exists:
                var trigger = RandomTrigger();
                Edit(JobEdits.Change(Id, job => job with { Trigger = trigger.Trigger }), now => naive.Change(trigger, now));
                break;
            case 20 when naive.Exists:
                ChangeOptions();
                break;
            case 21 or 22 when !naive.Exists || random.Next(4) == 0:
                Add();
                break;
            case 23 when naive.Exists && random.Next(3) == 0:
                Edit(JobEdits.Remove(Id), naive.Remove);
                break;
            case 24 when naive.Exists:
                SetBack(random.Next(1, 100));
                break;
            case 25:
                Pass(random.Next(60));
                break;
            case 26 or 27:
                TakeOver();
                break;
            case 28 when random.Next(4) == 0:
                trimmed = Math.Max(trimmed, Now - random.Next(50, 150));
                while (store.TrimAsync(At(trimmed), default).Result) { }

                naive.Trim(trimmed);
                if (store.JobsAsync(new() { Id = Id, Ended = true }, default).Result.Jobs.Count == 0) naive.Remove();
                Told.Add($"{Now}: trim before {trimmed}");
                break;
            case 29:
                PauseScheduler();
                break;
        }
    }

    public void Check()
    {
        var (from, to) = (At(Math.Max(trimmed, -200)), At(Now + 300));
        var part = store.LedgerAsync(new() { Job = Id, From = from, To = to }, default).Result;
        if (part.Jobs.Count == 0) return;
        Assert.Equal(naive.Next is { } next ? At(next) : null, part.Jobs[0].Next);
        var expected = naive.Read(-200, Now + 300);
        var told = new ReferenceReader(part).Read(from, to);
        foreach (var at in expected.Keys.Union(told.Keys).Order())
        {
            var (mine, its) = (expected.GetValueOrDefault(at, "not expected"), told.GetValueOrDefault(at, "not expected"));

            // Epochs overlap after the clock is set back. The layers do not reveal which of them ended last.
            if (wasSetBack && (mine, its) is (nameof(Reason.ShutDown), nameof(Reason.NoActiveNode)) or (nameof(Reason.NoActiveNode),
                nameof(Reason.ShutDown)))
            {
                continue;
            }

            Assert.True(mine == its && mine != "nothing", $"at {Now}: {Seconds(at)} is {mine}, and the ledger tells {its}");
        }
    }

    void Claim()
    {
        if (active is not var (node, epoch)) return;
        var claimed = store.ClaimAsync(Request(1_000) with { Node = node, Epoch = epoch }, default).Result;
        Assert.Equal((false, 0), (claimed.Fenced, claimed.SetAside.Count));
        Told.Add($"{Now}: claimed {string.Join(", ", claimed.Runs.Select(run => Seconds(run.FireTime)))}");
        running.AddRange(claimed.Runs);
        naive.Claim(Now, [.. claimed.Runs.Select(run => (long)Seconds(run.FireTime))]);
    }

    void Record()
    {
        foreach (var run in running.Where(_ => random.Next(2) == 0).ToList())
        {
            var missed = random.Next(4) == 0;
            running.Remove(run);
            Assert.Equal(0, store.RecordAsync([new()
            {
                Id = run.Id, Node = active!.Value.Node, Epoch = active.Value.Epoch, Attempt = run.Attempt, FinishedAt = clock.GetUtcNow(),
                Outcome = missed ? Outcome.Missed : Outcome.Succeeded,
            }]).Result);
            naive.Ended((long)Seconds(run.FireTime), missed);
            Told.Add($"{Now}: {Seconds(run.FireTime)} ended{(missed ? " missed" : "")}");
        }
    }

    void Edit(JobEdit edit, Action<long> told)
    {
        Told.Add($"{Now}: {edit.Kind}");
        store.ChangeAsync(new() { Jobs = [edit] }, default).Wait();
        told(Now);
        Told.Add($"    next {naive.Next}");
    }

    void Add()
    {
        var trigger = RandomTrigger();
        long? given = random.Next(3) == 0 ? Now + random.Next(-40, 40) : null;
        Edit(JobEdits.Add(Definition(trigger), replaceExisting: true, next: given is { } next ? At(next) : null), now =>
            naive.Add(trigger, now, given));
    }

    void Pause()
    {
        long? until = random.Next(3) == 0 ? null : Now + random.Next(1, 50);
        Edit(JobEdits.Pause(Id, until is { } end ? At(end) : null), now => naive.Pause(now, until));
    }

    void ChangeOptions()
    {
        (naive.MisfireGrace, naive.Coalesce) = (RandomGrace(), random.Next(2) == 0);
        var options = Definition(RandomTrigger()).Options;
        var before = store.JobsAsync(new() { Id = Id }, default).Result.Jobs[0].Job.Options;
        if (options == before) return;
        Edit(JobEdits.Change(Id, job => job with { Options = options }), naive.ChangeOptions);
    }

    void SetBack(int seconds)
    {
        var ahead = Now;
        wasSetBack = true;
        clock.Move(TimeSpan.FromSeconds(-seconds));
        Edit(JobEdits.ClockWentBack(Id, At(ahead)), now => naive.ClockWentBack(ahead, now));
    }

    void TakeOver()
    {
        var begins = new NodeName($"n{++nodes}", nodes, "h", Start, null);
        var look = store.LookAsync(active is var (node, epoch) ? new Sign.Heartbeat(node, epoch) : Sign.None, default).Result;
        var how = random.Next(3) == 0 ? EpochEnd.ShutDown : EpochEnd.ProcessGone;
        if (active is var (old, number))
        {
            if (how == EpochEnd.ShutDown)
            {
                store.ChangeEpochsAsync(new() { By = (old, number), StepDown = new(clock.GetUtcNow(), how) }, default).Wait();
            }

            naive.End(Now, how);
            Told.Add($"{Now}: {how}");
            Pass(random.Next(40));
            look = store.LookAsync(Sign.None, default).Result;
        }

        var changed = store.ChangeEpochsAsync(new()
        {
            Begin = begins,
            WithLock = true,
            Newest = EpochSeen.Of(look.Newest),
            Lost = active is var (lost, _) ? [lost] : [],
            Ends = look.Newest is { Ended: null } alive ? [(EpochSeen.Of(alive), how)] : [],
        }, default).Result;
        Assert.True(changed.Done);
        Assert.Equal(running.Count, changed.Settled);
        foreach (var run in running) naive.Ended((long)Seconds(run.FireTime), missed: false);
        running.Clear();
        active = (begins.Id, changed.Begun!.Number);
        naive.Begin(Now);
        Told.Add($"{Now}: epoch {active.Value.Epoch}");
    }

    void PauseScheduler()
    {
        var pause = naive.SchedulerPaused is null;
        store.ChangeAsync(new() { State = Scheduler[pause ? 0 : 1] }, default).Wait();
        if (pause) naive.PauseScheduler(Now);
        else naive.ResumeScheduler(Now);
        Told.Add($"{Now}: scheduler {(pause ? "paused" : "resumed")}");
    }

    void Pass(int seconds) => clock.Move(TimeSpan.FromSeconds(seconds));

    long? RandomGrace() => random.Next(3) == 0 ? null : random.Next(1, 20);

    NaiveTrigger RandomTrigger()
    {
        var begin = random.Next(400);
        return new(random.Next(1, 11), random.Next(-250, 5), random.Next(3) == 0 ? (begin, begin + random.Next(1, 60)) : null);
    }
}
