using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>
/// Tests of changes that are visible through two handles on one store. A store with a single handle skips most of them.
/// </summary>
public abstract class SharedContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task A_store_says_where_it_is() => Assert.Equal(await OpenAsync() is not null, Store.Place.Shared);

    [Fact]
    public async Task A_store_belongs_to_one_application()
    {
        var refused = await Assert.ThrowsAsync<StoreRefusedException>(async () =>
        {
            if (await OpenAsync("another") is null) await Store.OpenAsync("another", None);
        });
        Assert.Contains(Application, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_answers_is_found()
    {
        var report = new NodeInfo
        {
            Id = "a",
            Pid = 1,
            Host = "h",
            Role = "active",
            Sentence = "active",
            Epoch = 1,
            StartedAt = Start,
            LastSeen = Start,
            Version = "1",
            Scope = "this process",
        };
        Store.Notifier.Answer("a", () => report);

        Assert.Equal([report], await Store.Notifier.AskNodesAsync(TimeSpan.FromSeconds(2), None));
    }

    [Fact]
    public async Task Who_stops_listening_hears_nothing_more()
    {
        var heard = StoreSignal.None;
        Store.Notifier.Subscribe(notification => heard |= notification.Signal).Dispose();

        await NotifiedAsync(() => AddAsync("j", null), StoreSignal.Work);

        Assert.Equal(StoreSignal.None, heard);
    }

    [Fact]
    public async Task Both_handles_see_the_same()
    {
        var other = await SecondOrSkipAsync();
        await AddAsync("j", Every(60));
        await BeginAsync("a");
        var run = Assert.Single((await ClaimAsync()).Runs);

        var job = Assert.Single((await other.JobsAsync(new() { Id = Id("j") }, None)).Jobs);
        Assert.Equal(await JobAsync("j") with { Job = run.Job }, job with { Job = run.Job });
        Assert.Equal(Current.Number, (await other.LookAsync(Sign.None, None)).Newest!.Number);
        Assert.Equal(RunState.Running, Assert.Single((await other.RunsAsync(new() { Id = run.Id }, None)).Runs).State);
    }

    [Fact]
    public async Task A_change_through_one_handle_is_claimed_through_the_other_under_its_new_definition()
    {
        var other = await SecondOrSkipAsync();
        await AddAsync("j", Every(60), Options(maxInstances: null));
        await BeginAsync("a");
        await FinishAsync((await ClaimAsync()).Runs[0]);
        await other.ChangeAsync(new() { Jobs = [JobEdits.Change(Id("j"), job => job with { Arguments = new("[5]", "{}") })] }, None);
        await other.EnqueueAsync([new() { Job = Id("j") }], None);

        Assert.Equal(new("[5]", "{}"), Assert.Single((await ClaimAsync()).Runs).Arguments);
    }

    [Fact]
    public async Task A_notification_of_one_handle_is_heard_at_the_other()
    {
        var other = await SecondOrSkipAsync();

        await NotifiedAsync(() => other.ChangeAsync(new() { Jobs = [JobEdits.Add(NewJob("j", Every(60)))] }, None), StoreSignal.Work);
    }

    [Fact]
    public async Task A_fire_time_is_claimed_through_one_handle_only()
    {
        var other = await SecondOrSkipAsync();
        await AddAsync("j", Every(60), Options(maxInstances: null));
        await BeginAsync("a");
        var overtaken = Request();
        await other.ChangeEpochsAsync(Beginning("b", (await other.LookAsync(Sign.None, None)).Newest), None);

        Assert.True((await Store.ClaimAsync(overtaken, None)).Fenced);
        Assert.Single((await other.ClaimAsync(overtaken with { Node = "b", Epoch = 2 }, None)).Runs);
    }

    [Fact]
    public async Task Nodes_behind_both_handles_answer()
    {
        var other = await SecondOrSkipAsync();
        Store.Notifier.Answer("a", () => new()
        {
            Id = "a",
            Pid = 1,
            Host = "h",
            Role = "active",
            Sentence = "active",
            Epoch = 1,
            StartedAt = Start,
            LastSeen = Start,
            Version = "1",
            Scope = "this machine",
        });
        other.Notifier.Answer("b", () => new()
        {
            Id = "b",
            Pid = 2,
            Host = "h",
            Role = "standby",
            Reason = Reason.Standby,
            Sentence = "standby",
            StartedAt = Start,
            LastSeen = Start,
            Version = "1",
            Scope = "this machine",
        });

        var answers = await Store.Notifier.AskNodesAsync(TimeSpan.FromSeconds(5), None);

        Assert.Equal(["a", "b"], answers.Select(answer => answer.Id).Order());
    }

    [Fact]
    public async Task What_is_in_the_store_outlives_a_handle()
    {
        var other = await SecondOrSkipAsync();
        await other.ChangeAsync(new() { Jobs = [JobEdits.Add(NewJob("j", Every(60)))] }, None);
        await other.ChangeAsync(new() { State = SchedulerEdits.Pause(why: "repairs") }, None);
        await other.DisposeAsync();

        Assert.Equal(Start, (await JobAsync("j")).Next);
        Assert.Equal("repairs", (await LookAsync()).State.Paused!.Why);
    }

    async Task<IJobStore> SecondOrSkipAsync()
    {
        var second = await OpenAsync();
        Assert.SkipWhen(second is null, "This store has one handle.");
        return second!;
    }
}
