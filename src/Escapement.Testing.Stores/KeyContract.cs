using Escapement.Rules;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>Tests of the keys of enqueued runs: a key names a single run while the key is taken.</summary>
public abstract class KeyContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task A_second_request_with_the_same_key_answers_the_run_that_stands()
    {
        await AddAsync("j", null, Options(maxInstances: null));
        var first = await EnqueueAsync("j", key: "k");
        var whileWaiting = await EnqueueAsync("j", key: "k");
        await BeginAsync();
        var run = Assert.Single((await ClaimAsync()).Runs);
        var whileRunning = await EnqueueAsync("j", key: "k");
        await FinishAsync(run);
        var afterwards = await EnqueueAsync("j", key: "k");

        Assert.False(first.Existing);
        Assert.Equal(new(first.Run, true), whileWaiting);
        Assert.Equal(new(first.Run, true), whileRunning);
        Assert.False(afterwards.Existing);
        Assert.NotEqual(first.Run, afterwards.Run);
    }

    [Fact]
    public async Task Keys_hold_for_one_job_and_within_one_request()
    {
        await AddAsync("j", null);
        await AddAsync("k", null);

        var (j, k) = (new RunRequest { Job = Id("j") }, new RunRequest { Job = Id("k") });

        var asked = await Store.EnqueueAsync([j with { Key = "x" }, j with { Key = "x" }, k with { Key = "x" }, j, j], None);

        Assert.Equal([false, true, false, false, false], asked.Select(run => run.Existing));
        Assert.Equal(4, asked.Select(run => run.Run).Distinct().Count());
    }

    [Fact]
    public async Task A_key_that_lasts_answers_the_ended_run_until_it_is_over()
    {
        await AddAsync("j", null, Options(maxInstances: null));
        var request = new RunRequest { Job = Id("j"), Key = "k", KeyLasts = TimeSpan.FromSeconds(60) };
        var first = await EnqueueAsync(request);
        await BeginAsync();
        MoveTo(10);
        await FinishAsync(Assert.Single((await ClaimAsync()).Runs));

        MoveTo(69);
        Assert.Equal(new(first.Run, true), await EnqueueAsync(request));
        Assert.Equal(new(first.Run, true),
            Assert.Single(await (await SecondAsync()).EnqueueAsync([request with { KeyLasts = null }], None)));
        MoveTo(70);
        var second = await EnqueueAsync(request);
        Assert.False(second.Existing);
        Assert.Equal(new(second.Run, true), await EnqueueAsync(request));
    }

    [Fact]
    public async Task A_key_requested_through_two_handles_at_once_has_a_single_run()
    {
        await AddAsync("j", null, Options(maxInstances: null));
        var second = await SecondAsync();
        for (var i = 0; i < 50; i++)
        {
            RunRequest[] request = [new() { Job = Id("j"), Key = $"k{i}" }];
            var both = await Task.WhenAll(
                Task.Run(() => Store.EnqueueAsync(request, None), None), Task.Run(() => second.EnqueueAsync(request, None), None));
            Assert.Equal(both[0][0].Run, both[1][0].Run);
            Assert.NotEqual(both[0][0].Existing, both[1][0].Existing);
        }
    }

    [Fact]
    public async Task The_lasting_key_of_a_run_that_never_started_is_free()
    {
        await AddAsync("j", null, Options(maxInstances: null) with { KeyLasts = TimeSpan.MaxValue });
        var request = new RunRequest { Job = Id("j"), Key = "k" };
        var first = await EnqueueAsync(request);
        await EditAsync(JobEdits.Remove(Id("j")));
        await AddAsync("j", null, Options(maxInstances: null) with { KeyLasts = TimeSpan.MaxValue });

        var second = await EnqueueAsync(request);
        Assert.False(second.Existing);
        Assert.NotEqual(first.Run, second.Run);
    }

    [Fact]
    public async Task A_key_lasts_as_the_job_says_if_the_request_does_not()
    {
        await AddAsync("j", null, Options(maxInstances: null) with { KeyLasts = TimeSpan.FromSeconds(60) });
        var request = new RunRequest { Job = Id("j"), Key = "k" };
        var first = await EnqueueAsync(request);
        await BeginAsync();
        await FinishAsync(Assert.Single((await ClaimAsync()).Runs));

        MoveTo(59);
        Assert.Equal(new(first.Run, true), await EnqueueAsync(request));
        MoveTo(61);
        Assert.False((await EnqueueAsync(request)).Existing);
    }

    [Fact]
    public async Task A_key_that_lasts_with_the_history_is_free_when_the_retention_has_deleted_its_run()
    {
        await AddAsync("j", null, Options(maxInstances: null) with { KeyLasts = TimeSpan.MaxValue });
        var request = new RunRequest { Job = Id("j"), Key = "k" };
        var first = await EnqueueAsync(request);
        var other = await EnqueueAsync(request with { Key = "of another run", DueAt = At(3_000) });
        await BeginAsync();
        await FinishAsync(Assert.Single((await ClaimAsync()).Runs));

        MoveTo(3_600);
        await TrimToEndAsync(At(0));
        Assert.Equal(new(first.Run, true), await EnqueueAsync(request));
        await TrimToEndAsync(At(2_000));
        Assert.False((await EnqueueAsync(request)).Existing);
        Assert.Equal(new(other.Run, true), await EnqueueAsync(request with { Key = "of another run" }));
    }

    [Fact]
    public async Task A_key_that_lasts_holds_for_its_own_job_only()
    {
        await AddAsync("j", null, Options(maxInstances: null));
        await AddAsync("k", null, Options(maxInstances: null));
        var request = new RunRequest { Job = Id("j"), Key = "k", KeyLasts = TimeSpan.FromSeconds(60) };
        await EnqueueAsync(request);
        await BeginAsync();
        await FinishAsync(Assert.Single((await ClaimAsync()).Runs));

        Assert.False((await EnqueueAsync(request with { Job = Id("k") })).Existing);
        Assert.False((await EnqueueAsync(request with { Key = "l" })).Existing);
    }

    async Task TrimToEndAsync(DateTimeOffset before)
    {
        while (await Store.TrimAsync(before, None))
        {
        }
    }
}
