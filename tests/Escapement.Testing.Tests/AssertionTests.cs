namespace Escapement.Testing.Tests;

/// <summary>An expectation that does not hold shows the difference.</summary>
public sealed class AssertionTests : IAsyncLifetime
{
    SchedulerTest test = null!;

    public async ValueTask InitializeAsync()
    {
        test = await SchedulerTest.StartAsync(scheduler =>
        {
            scheduler.Add("report", "0 9 * * *", () => { });
            scheduler.Add("mail", void (string to, int copies) => throw new FormatException($"'{to}' is not an address."));
            scheduler.Add("never", () => { });
            scheduler.Add("long", "0 10 * * *", async (TimeProvider clock) => await Task.Delay(TimeSpan.FromDays(1), clock));
            scheduler.Add("argued", scheduler.Cron("0 11 * * *"), (int count) => { }).Kwargs(new { count = 3 });
        }, start: new(2041, 5, 6, 8, 0, 0, TimeSpan.Zero));
        await test.Scheduler.RunAsync("mail", new { to = "nobody", copies = 2 }, key: "first");
        await test.AdvanceAsync(TimeSpan.FromDays(2));
    }

    public ValueTask DisposeAsync() => test.DisposeAsync();

    static void Fails(string message, Action expectation) => Assert.Equal(message.ReplaceLineEndings("\n"), Assert.Throws<SchedulerTestException>(expectation).Message);

    [Fact]
    public void Exact_fire_times()
    {
        test.Ran("report").AtExactly("2041-05-07T11:00+02:00", "2041-05-06 09:00");
        test.Ran("report").AtExactly(new DateTimeOffset(2041, 5, 6, 9, 0, 0, TimeSpan.Zero), new(2041, 5, 7, 9, 0, 0, TimeSpan.Zero));
        Fails("""
            Job 'report' did not run at exactly the expected fire times (1 of 2 are right):
              + 2041-05-07 09:00:00 +00:00  ran, and was not expected
              - 2041-05-07 10:00:00 +00:00  expected, and did not run
            """, () => test.Ran("report").AtExactly("2041-05-06 09:00", "2041-05-07 10:00"));
        Assert.StartsWith("'nine' is not an instant with a full date;", Assert.Throws<FormatException>(() => test.Ran("report").AtExactly("nine")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_fire_time_has_the_sentence_of_why()
    {
        await using var paused = await SchedulerTest.StartAsync(scheduler => scheduler.Add("report", "0 * * * *", () => { }));
        await paused.AdvanceAsync(TimeSpan.FromMinutes(30));
        await paused.Scheduler.PauseAsync("report", new(by: "li"));
        await paused.AdvanceAsync(TimeSpan.FromHours(1));
        await paused.Scheduler.ResumeAsync("report");
        Fails("""
            Job 'report' did not run at exactly the expected fire times (1 of 2 are right):
              - 2030-01-01 01:00:00 +00:00  expected, and did not run: 01:00 was skipped: paused by li since 00:30 until 01:30.
            """, () => paused.Ran("report").AtExactly("2030-01-01 00:00", "2030-01-01 01:00"));
    }

    [Fact]
    public void A_fire_time_counts_as_often_as_it_ran() =>
        Fails("""
            Job 'report' did not run at exactly the expected fire times (2 of 3 are right):
              - 2041-05-06 09:00:00 +00:00  expected, and did not run
            """, () => test.Ran("report").AtExactly("2041-05-06 09:00", "2041-05-06 09:00", "2041-05-07 09:00"));

    [Fact]
    public void Counts()
    {
        test.Ran("report").Times(2);
        test.Ran("mail").Once();
        test.Ran("never").Never();
        Fails("""
            Job 'report' ran 2 times, and was expected to run once:
                2041-05-06 09:00:00 +00:00
                2041-05-07 09:00:00 +00:00
            """, () => test.Ran("report").Once());
        Fails("""
            Job 'mail' ran once, and was expected not to run:
                2041-05-06 08:00:00 +00:00
            """, () => test.Ran("mail").Never());
        Fails("Job 'never' did not run, and was expected to run 3 times", () => test.Ran("never").Times(3));
    }

    [Fact]
    public void Arguments()
    {
        test.Ran("mail").With(new { copies = 2, to = "nobody" }).With(new Dictionary<string, object> { ["to"] = "nobody", ["copies"] = 2 });
        test.Ran("argued").With(new { count = 3 }).With(new JobArguments("[]", """{ "count": 3 }"""));
        Fails("""
            Job 'mail' has no call with the expected arguments:
              - {"to":"ada","copies":2}
              + {"to":"nobody","copies":2}
            """, () => test.Ran("mail").With(new { to = "ada", copies = 2 }));
        Fails("""
            Job 'never' has no call with the expected arguments:
              - {"to":"ada"}
              no call at all
            """, () => test.Ran("never").With(new { to = "ada" }));
    }

    [Fact]
    public void Requests()
    {
        var request = Assert.Single(test.Asked("mail").Once().With(new { to = "nobody", copies = 2 }).All);
        Assert.Equal(("mail", "first", false), (request.Job, request.Key, request.Existing));
        test.Asked("report").Never();
        Fails("Job 'mail' was asked to run once, and was expected to be asked 2 times.", () => test.Asked("mail").Times(2));
        Fails("""
            Job 'mail' has no call with the expected arguments:
              - {"to":"nobody"}
              + {"to":"nobody","copies":2}
            """, () => test.Asked("mail").With(new { to = "nobody" }));
    }

    [Fact]
    public async Task A_run_whose_process_was_killed_is_not_waiting_for_the_clock()
    {
        await using var killed = await SchedulerTest.StartAsync(scheduler => scheduler.Add("slow", "0 10 * * *",
            async (TimeProvider clock) => await Task.Delay(TimeSpan.FromHours(1), clock)));
        await killed.AdvanceAsync(TimeSpan.FromHours(10));
        var process = killed.Process.Id;
        await killed.CrashAsync();
        Fails($"Job 'slow' has not ended its run of 2030-01-01 10:00:00 +00:00. Its process {process} was killed or stopped.",
            () => killed.Ran("slow").Succeeded());
    }

    [Fact]
    public void Outcomes()
    {
        test.Ran("report").Succeeded();
        test.Ran("mail").Failed().Failed("is not an address");
        Assert.True(Assert.Single(test.Ran("mail").All).WasEnqueued);
        Fails("Job 'mail' failed at 2041-05-06 08:00:00 +00:00: FormatException: 'nobody' is not an address.",
            () => test.Ran("mail").Succeeded());
        Fails("Job 'long' has not ended its run of 2041-05-07 10:00:00 +00:00. Advance the clock if its handler waits for the clock.",
            () => test.Ran("long").Succeeded());
        Fails("Job 'report' was expected to fail, and its run of 2041-05-07 09:00:00 +00:00 succeeded.", () => test.Ran("report").Failed());
        Fails("Job 'long' was expected to fail, and its run of 2041-05-07 10:00:00 +00:00 goes on.", () => test.Ran("long").Failed());
        Fails("Job 'never' did not run, and was expected to succeed.", () => test.Ran("never").Succeeded());
        Fails("Job 'never' did not run, and was expected to fail.", () => test.Ran("never").Failed());
        Fails("""
            Job 'mail' failed with another message:
              - no network
              + FormatException: 'nobody' is not an address.
            """, () => test.Ran("mail").Failed("no network"));
    }

    [Fact]
    public void An_unknown_job()
    {
        Fails("The store has no job 'reprot'. The nearest is 'report'. It has argued, long, mail, never, report.", () => test.Ran("reprot"));
        Fails("The store has no job 'reprot'. The nearest is 'report'. It has argued, long, mail, never, report.", () => test.Asked("reprot"));
    }

    [Fact]
    public async Task An_audit()
    {
        var audit = (await test.AuditAsync()).Balances();
        Assert.Equal("6 due = 5 ran + 1 running + 0 skipped + 0 missed. Balanced.", audit.Account.Sentence);
        var morning = await test.AuditAsync(to: audit.From.AddHours(2));
        Assert.Equal((test.Now.AddDays(-2), 1), (morning.From, morning.Account.Due));
        var planted = audit with
        {
            Account = audit.Account with { Balanced = false, Sentence = "6 due = 5 ran. Not balanced." },
            Imbalances = [new() { Job = null, FireTime = test.Now, Sentence = "No layer covers 09:00." }],
        };
        Fails("""
            The audit does not balance: 6 due = 5 ran. Not balanced.
              No layer covers 09:00.
            """, () => planted.Balances());
    }

    [Fact]
    public async Task A_long_difference_is_cut()
    {
        await test.AdvanceAsync(TimeSpan.FromDays(40));
        var lines = Assert.Throws<SchedulerTestException>(() => test.Ran("report").Never()).Message.Split('\n');
        Assert.Equal(22, lines.Length);
        Assert.Equal("  … and 22 more", lines[^1]);
    }
}
