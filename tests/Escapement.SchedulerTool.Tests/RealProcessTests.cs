using System.Net.Http.Json;
using System.Text.Json;

namespace Escapement.SchedulerTool.Tests;

/// <summary>The Quickstart with three workers: a killed process, a pause with a reason, a changed trigger, and a stop of all
/// processes. The account names each cause, the same over REST, over the tool and over the file.</summary>
/// <remarks>With the environment variable ESCAPEMENT_SOAK=1 all processes stay away for two minutes instead of six
/// seconds.</remarks>
public sealed class RealProcessTests
{
    static readonly TimeSpan Away = Environment.GetEnvironmentVariable("ESCAPEMENT_SOAK") == "1"
        ? TimeSpan.FromMinutes(2) : TimeSpan.FromSeconds(6);

    static readonly TimeSpan Jump = TimeSpan.FromMinutes(5);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_fire_time_that_did_not_run_has_its_cause_everywhere()
    {
        var from = DateTimeOffset.UtcNow;
        using QuickstartProcesses processes = new();
        var url = processes.Url;
        var group = processes.Start();
        var killed = await processes.ActiveAsync(not: null);
        await processes.RanAsync(1);
        QuickstartProcesses.Kill(killed);
        var next = await processes.ActiveAsync(not: killed);

        Assert.Equal(0, (await processes.RunToolAsync(["pause", "sample", "--by", "li", "--why", "db move", .. url])).ExitCode);
        await Task.Delay(TimeSpan.FromSeconds(5), Token);
        Assert.Equal(0, (await processes.RunToolAsync(["resume", "sample", .. url])).ExitCode);
        using var changed = await processes.Http.PatchAsJsonAsync("/scheduler/jobs/sample", new { trigger = "cron", second = "*" }, Token);
        Assert.True(changed.IsSuccessStatusCode, await changed.Content.ReadAsStringAsync(Token));
        await processes.RanAsync(3);

        QuickstartProcesses.Kill(-group);
        await Task.Delay(Away, Token);
        var restarted = processes.Start();
        var last = await processes.ActiveAsync(not: next);
        await processes.RanAsync(1);

        var answer = await WhyEverywhereAsync(processes, restarted, from);
        CheckCauses(answer);
        var epochs = answer.GetProperty("epochs").EnumerateArray().ToList();
        Assert.Equal([killed, next, last], epochs.Select(epoch => epoch.GetProperty("pid").GetInt32()));
        Assert.Equal(("process_gone", "process_gone"), (epochs[0].GetProperty("how").GetString(), epochs[1].GetProperty("how").GetString()));

        // The lock of the killed process told its end, long before its lease of 15 seconds was over.
        Assert.InRange(epochs[1].GetProperty("gap").GetDouble(), 0, 12);
        Assert.True(epochs[2].GetProperty("gap").GetDouble() > Away.TotalSeconds - 1);
    }

    [Fact]
    public async Task Fire_times_that_the_wall_clock_jumped_over_have_the_jump_as_their_cause()
    {
        RequireFakeClock();
        using QuickstartProcesses processes = new(hasFakeClock: true);
        var from = processes.Now;
        var group = processes.Start();
        var active = await processes.ActiveAsync(not: null);
        // With a free place, a run that goes on at the jump is no cause.
        using var changed = await processes.Http.PatchAsJsonAsync("/scheduler/jobs/sample", new { max_instances = 10 }, Token);
        Assert.True(changed.IsSuccessStatusCode, await changed.Content.ReadAsStringAsync(Token));
        await processes.RanAsync(2);
        var before = processes.Now;
        processes.JumpClock(Jump);
        var after = processes.Now;
        await processes.RanAsync(3);
        await processes.MarkedAsync(jumps: 1);
        var runs = await processes.RunsAsync();

        var answer = await WhyEverywhereAsync(processes, group, from);
        Assert.Equal([active], answer.GetProperty("epochs").EnumerateArray().Select(epoch => epoch.GetProperty("pid").GetInt32()));
        CheckJump(answer, before, after);
        Assert.DoesNotContain(runs, at => at > before.AddSeconds(2) && at < after.AddSeconds(-2));
        Assert.Distinct(runs);
    }

    [Fact]
    public async Task Fire_times_that_ran_before_the_wall_clock_was_set_back_do_not_run_again()
    {
        RequireFakeClock();
        using QuickstartProcesses processes = new(hasFakeClock: true);
        var from = processes.Now - Jump;
        var group = processes.Start();
        await processes.ActiveAsync(not: null);
        using var changed = await processes.Http.PatchAsJsonAsync("/scheduler/jobs/sample", new { trigger = "cron", second = "*/2", max_instances = 10 }, Token);
        Assert.True(changed.IsSuccessStatusCode, await changed.Content.ReadAsStringAsync(Token));
        await processes.RanAsync(3);
        var first = await processes.RunsAsync();
        processes.JumpClock(-Jump);
        List<DateTimeOffset> second = [];
        await QuickstartProcesses.UntilAsync(async () => (second = [.. (await processes.RunsAsync()).Except(first)]).Count >= 3,
            "the job does not run");
        await processes.MarkedAsync(jumps: 1);
        Assert.True(second.Max() < first.Min(), $"After the clock was set back by {Jump}, the job runs at {second.Max():O}.");

        // The clock is right again, before the fire times that ran first.
        var before = processes.Now;
        processes.JumpClock(first.Min() - before - TimeSpan.FromSeconds(4));
        var after = processes.Now;
        await QuickstartProcesses.UntilAsync(async () => (await processes.RunsAsync()).Max() > first.Max(), "no later fire time runs");
        await processes.MarkedAsync(jumps: 2);
        var runs = await processes.RunsAsync();

        var answer = await WhyEverywhereAsync(processes, group, from);
        CheckJump(answer, before, after);
        Assert.Distinct(runs);
    }

    /// <summary>Asks the API, the tool over the address, and the tool over the file after the end of all processes, and checks
    /// that the answers are equal and that the account of all jobs balances.</summary>
    static async Task<JsonElement> WhyEverywhereAsync(QuickstartProcesses processes, int group, DateTimeOffset from)
    {
        string[] span = ["--from", Triggers.IsoTime.Format(from), "--to", Triggers.IsoTime.Format(processes.Now)];
        var address = $"/scheduler/jobs/sample/why?from={Uri.EscapeDataString(span[1])}&to={Uri.EscapeDataString(span[3])}";
        JsonElement answer = default;
        await QuickstartProcesses.UntilAsync(async () => IsDecided(answer = await processes.Http.GetFromJsonAsync<JsonElement>(address, Token)),
            "fire times are undecided, or their runs do not end");
        var overUrl = await processes.RunToolAsync(["why", "sample", .. span, .. processes.Url]);
        QuickstartProcesses.Kill(-group);
        await QuickstartProcesses.EndedAsync(group);
        var overFile = await processes.RunToolAsync(["why", "sample", .. span, "--store", processes.Store]);

        Assert.Equal((0, 0), (overUrl.ExitCode, overFile.ExitCode));
        AssertSame([.. Finished(overUrl.Output)], [.. Finished(overFile.Output)]);
        CheckAccount(answer, overUrl.Output);
        var audit = await processes.RunToolAsync(["audit", .. span, "--store", processes.Store]);
        Assert.True(audit.ExitCode == 0, audit.Output);
        return answer;
    }

    /// <summary>Checks that two answers are equal, but for lines with an outage of the store on a busy machine, which a process
    /// records later.</summary>
    static void AssertSame(string[] one, string[] other)
    {
        Assert.Equal(one.Length, other.Length);
        foreach (var (first, second) in one.Zip(other))
        {
            if ((first + second).Contains("the store could not be", StringComparison.Ordinal)) continue;
            Assert.Equal(first, second);
        }
    }

    /// <summary>Checks that the account balances, and that the entries account for each fire time that did not run.</summary>
    static void CheckAccount(JsonElement answer, string shown)
    {
        var account = answer.GetProperty("account");
        Assert.True(account.GetProperty("balanced").GetBoolean(), shown);
        var entries = answer.GetProperty("entries").EnumerateArray().ToList();
        Assert.Equal(account.GetProperty("skipped").GetInt64() + account.GetProperty("missed").GetInt64(),
            entries.Sum(entry => entry.GetProperty("count").GetInt64()));
        Assert.All(entries, entry => Assert.True(shown.Contains(entry.GetProperty("sentence").GetString()!, StringComparison.Ordinal),
            $"{entry}\n is not in\n{shown}"));
    }

    /// <summary>Checks that fire times have the pause and the stop of all processes as their causes.</summary>
    static void CheckCauses(JsonElement answer)
    {
        var entries = answer.GetProperty("entries").EnumerateArray().ToList();
        var paused = Assert.Single(entries, entry => entry.GetProperty("reason").GetString() == "Paused");
        Assert.Contains("paused by li", paused.GetProperty("sentence").GetString(), StringComparison.Ordinal);
        Assert.Contains("db move", paused.GetProperty("sentence").GetString(), StringComparison.Ordinal);
        Assert.Contains(entries, entry => entry.GetProperty("sentence").GetString() is { } sentence
            && sentence.Contains("no process was active", StringComparison.Ordinal) && sentence.Contains("was killed", StringComparison.Ordinal));
    }

    /// <summary>Checks that the fire times that a clock jumped over are in one sentence with the jump.</summary>
    static void CheckJump(JsonElement answer, DateTimeOffset before, DateTimeOffset after)
    {
        // The fire times around the jump may be late for another reason, and the run of the jump is the last or next fire time.
        var (first, last) = (before.AddSeconds(30), after.AddSeconds(-30));
        var over = Assert.Single(answer.GetProperty("entries").EnumerateArray(), entry =>
            entry.GetProperty("first").GetDateTimeOffset() < last && entry.GetProperty("last").GetDateTimeOffset() > first);
        Assert.True(over.GetProperty("first").GetDateTimeOffset() < first && over.GetProperty("last").GetDateTimeOffset() > last, $"{over}");
        var sentence = over.GetProperty("sentence").GetString()!;
        Assert.True(sentence.Contains("the wall clock jumped by 4 min", StringComparison.Ordinal)
            || sentence.Contains("the wall clock jumped by 5 min", StringComparison.Ordinal), sentence);
    }

    static void RequireFakeClock() => Assert.SkipUnless(File.Exists("/usr/bin/faketime"), "faketime is not installed: test.sh does that.");

    /// <summary>Returns true if a later answer has the same account: each fire time is decided, and each run has ended.</summary>
    static bool IsDecided(JsonElement answer) => answer.GetProperty("account").GetProperty("running").GetInt64() == 0
        && answer.GetProperty("entries").EnumerateArray().All(entry => entry.GetProperty("decided").GetBoolean());

    /// <summary>Returns the lines without the activation that was still under way when the first answer was given.</summary>
    static string[] Finished(string output)
    {
        var lines = output.Split('\n');
        var last = Array.FindLastIndex(lines, line => line.StartsWith("epoch\t", StringComparison.Ordinal));
        return [.. lines.Where((_, i) => i != last)];
    }
}
