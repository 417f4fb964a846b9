using Escapement.Ledger;
using Microsoft.Extensions.DependencyInjection;

namespace Escapement.Testing.Tests;

/// <summary>A single run on request, with the services and arguments of its handler.</summary>
public sealed class RunTests
{
    sealed class Greeter
    {
        public List<string> Greeted { get; } = [];
    }

    [Fact]
    public async Task A_handler_gets_its_services_and_arguments()
    {
        await using var test = await SchedulerTest.StartAsync(
            scheduler => scheduler.Add("greet", (Greeter greeter, string name) => greeter.Greeted.Add(name)),
            services => services.AddSingleton<Greeter>());
        var run = await test.RunAsync("greet", new { name = "Ada" });
        Assert.Equal(["Ada"], test.Services.GetRequiredService<Greeter>().Greeted);
        Assert.Equal((test.Now, test.Now, true), (run.StartedAt, run.EndedAt, run.WasEnqueued));
        var recorded = await test.Scheduler.FindRunAsync(run.Run.ToString());
        Assert.Equal((Outcome.Succeeded, test.Process.Id), (recorded!.Outcome, recorded.Node));
    }

    [Fact]
    public async Task The_exception_of_a_handler_is_thrown()
    {
        await using var test = await SchedulerTest.StartAsync(
            scheduler => scheduler.Add("mail", void (string to) => throw new FormatException($"'{to}' is not an address.")));
        var failure = await Assert.ThrowsAsync<FormatException>(() => test.RunAsync("mail", new { to = "nobody" }));
        Assert.Equal("'nobody' is not an address.", failure.Message);
    }

    [Fact]
    public async Task The_clock_advances_while_the_handler_waits_for_it()
    {
        await using var test = await SchedulerTest.StartAsync(scheduler => scheduler.Add("long",
            async (TimeProvider clock) => await Task.Delay(TimeSpan.FromMinutes(5), clock)));
        var run = await test.RunAsync("long");
        Assert.Equal(TimeSpan.FromMinutes(5), run.EndedAt - run.StartedAt);
        Assert.Equal(run.EndedAt, test.Now);
    }

    [Fact]
    public async Task A_run_that_never_begins_is_told()
    {
        TaskCompletionSource never = new();
        SchedulerTest? mine = null;
        await using var test = mine = await SchedulerTest.StartAsync(scheduler =>
            scheduler.Add("stuck", async () => await mine!.WaitForTestAsync(never.Task)));
        await test.Scheduler.RunAsync("stuck");
        await test.AdvanceAsync(TimeSpan.Zero);
        var failure = await Assert.ThrowsAsync<SchedulerTestException>(() => test.RunAsync("stuck"));
        Assert.StartsWith("The requested run of job 'stuck' has not ended within a day of the clock.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_may_ask_for_another_job_and_wait_for_its_end()
    {
        await using var test = await SchedulerTest.StartAsync(scheduler =>
        {
            scheduler.Add("first", async (IScheduler other, CancellationToken stop) =>
                await (await other.RunAsync("second", new { n = 7 }, cancellationToken: stop)).EndAsync(stop));
            scheduler.Add("second", async (int n, TimeProvider clock) => await Task.Delay(TimeSpan.FromSeconds(n), clock));
        });
        var run = await test.RunAsync("first");
        Assert.Equal(TimeSpan.FromSeconds(7), run.EndedAt - run.StartedAt);
        test.Asked("second").Once().With(new { n = 7 });
    }

    [Fact]
    public async Task Delayed_requests_run_at_their_instant()
    {
        await using var test = await SchedulerTest.StartAsync(scheduler => scheduler.Add("job", () => { }));
        var asked = test.Now;
        await test.Scheduler.RunAsync("job", after: TimeSpan.FromHours(3));
        await test.AdvanceAsync(TimeSpan.FromHours(2));
        test.Ran("job").Never();
        await test.AdvanceAsync(TimeSpan.FromHours(2));
        test.Ran("job").AtExactly(asked.AddHours(3));
        Assert.Equal(asked.AddHours(3), test.Asked("job").All[0].DueAt);
    }
}
