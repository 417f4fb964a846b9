using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Xunit;
using static Escapement.Core.Tests.Rules.Arrange;

namespace Escapement.Core.Tests.Rules;

/// <summary>
/// Tests that a change of a job evaluates no trigger inside the transaction. A trigger of many parts that seldom fires
/// would block every writer of the store.
/// </summary>
public class PreparedEditsTests
{
    static readonly CountingTrigger Stays = new(Every(10)), Begins = new(Every(7));

    public static TheoryData<string> Edits => [.. Made().Keys];

    static Dictionary<string, JobEdit> Made() => new()
    {
        ["add"] = JobEdits.Add(Job(Begins), replaceExisting: true),
        ["change the trigger"] = JobEdits.Change(Id, job => job with { Trigger = Begins }),
        ["change the options"] = JobEdits.Change(Id, job => job with { Name = "New" }),
        ["move"] = JobEdits.Change(Id, job => job, next: At(500)),
        ["pause"] = JobEdits.Pause(Id),
        ["resume"] = JobEdits.Resume(Id),
        ["remove"] = JobEdits.Remove(Id),
        ["declare"] = JobEdits.Declare(Job(Begins) with { Origin = JobOrigin.Code, DeclaredHash = "2" }),
        ["retire"] = JobEdits.Retire(Id),
        ["switch off"] = JobEdits.SwitchOff(Job(Stays)),
        ["the clock went back"] = JobEdits.ClockWentBack(Id, At(1000)),
    };

    [Theory]
    [MemberData(nameof(Edits))]
    public void A_prepared_edit_asks_no_trigger(string name)
    {
        // Ended, so that a declaration begins anew without a comparison of texts.
        var ended = name == "declare" ? (JobEnd?)JobEnd.Retired : null;
        foreach (var pause in new[] { null, new PauseRecord { At = At(0) }, new PauseRecord { At = At(0), Until = At(15) },
            new PauseRecord { At = At(0), Until = At(900) } })
        {
            foreach (var next in new[] { 0, 1010 })
            {
                var stored = Stored(Job(Stays), next: next, last: 0, paused: pause) with { Ended = ended };
                var edit = Made()[name];
                edit.Prepare(At(25), stored);
                var asked = Stays.Asked + Begins.Asked;

                // A store reads the job again inside its transaction, and its clock has advanced.
                JobEdits.Apply(stored with { Job = stored.Job with { Trigger = stored.Job.Trigger } }, edit, At(25.1));

                Assert.Equal(asked, Stays.Asked + Begins.Asked);
            }
        }
    }

    [Fact]
    public void An_edit_that_was_prepared_for_another_version_asks_anew()
    {
        var edit = JobEdits.Resume(Id);
        edit.Prepare(At(25), Stored(Job(Every(10)), paused: new() { At = At(0) }));

        var other = Stored(Job(Every(7)), paused: new() { At = At(0) }) with { Version = 2 };

        Assert.Equal(At(28), JobEdits.Apply(other, edit, At(25)).After!.Next);
    }

    [Fact]
    public void An_answer_that_the_clock_has_passed_is_asked_anew()
    {
        var stored = Stored(Job(Every(10)), paused: new() { At = At(0) });
        var edit = JobEdits.Resume(Id);
        edit.Prepare(At(25), stored);

        Assert.Equal(At(40), JobEdits.Apply(stored, edit, At(31)).After!.Next);
        Assert.Equal(At(30), JobEdits.Apply(stored, edit, At(21)).After!.Next);
    }

    [Fact]
    public void A_slow_trigger_keeps_the_answer_that_the_clock_has_passed()
    {
        var slow = new OrTrigger([.. Enumerable.Repeat(Every(10), TriggerSearch.MaxOfJob + 1)], ZoneClock.Utc);
        var edit = JobEdits.Add(Job(slow));
        edit.Prepare(At(25));

        Assert.Equal(At(30), JobEdits.Apply(null, edit, At(61)).After!.Next);
    }

    [Fact]
    public void A_slow_trigger_that_was_not_prepared_is_not_asked_in_the_transaction()
    {
        var slow = new OrTrigger([.. Enumerable.Repeat(Every(10), TriggerSearch.MaxOfJob + 1)], ZoneClock.Utc);
        var edit = JobEdits.Resume(Id);
        edit.Prepare(At(25), Stored(Job(Every(10)), paused: new() { At = At(0) }));

        // Another definition was stored in between.
        var changed = Stored(Job(slow), paused: new() { At = At(0) }) with { Version = 2 };
        Assert.Throws<SearchTooLongException>(() => JobEdits.Apply(changed, edit, At(26)));

        edit.Prepare(At(26), changed);
        Assert.Equal(At(30), JobEdits.Apply(changed, edit, At(27)).After!.Next);
    }

    [Fact]
    public async Task The_memory_store_asks_the_triggers_before_it_takes_its_lock()
    {
        var trigger = new StoreReadingTrigger();
        await using var store = new MemoryStore(TimeProvider.System);
        trigger.Store = store;

        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(Job(trigger))] }, TestContext.Current.CancellationToken);
        await store.ChangeAsync(new() { Jobs = [JobEdits.Pause(Id), JobEdits.Resume(Id)] }, TestContext.Current.CancellationToken);

        Assert.Equal(0, trigger.Blocked);
        Assert.True(trigger.Asked > 0);
    }

    /// <summary>
    /// A trigger that reads the store from another thread during an evaluation.
    /// Under the store's lock, the read would block.
    /// </summary>
    sealed class StoreReadingTrigger : Trigger
    {
        public MemoryStore? Store { get; set; }

        public int Asked { get; private set; }

        public int Blocked { get; private set; }

        public override ZoneClock Zone => ZoneClock.Utc;

        public override DateTimeOffset? Next(DateTimeOffset from)
        {
            Asked++;
            var reads = new Thread(() => Store!.JobsAsync(JobQuery.All, default).Wait());
            reads.Start();
            if (!reads.Join(TimeSpan.FromSeconds(10))) Blocked++;
            return Every(10).Next(from);
        }

        public override DateTimeOffset? Previous(DateTimeOffset before) => Every(10).Previous(before);

        public override long Count(DateTimeOffset from, DateTimeOffset to) => Every(10).Count(from, to);

        public override string ToString() => "each 10 seconds";
    }
}
