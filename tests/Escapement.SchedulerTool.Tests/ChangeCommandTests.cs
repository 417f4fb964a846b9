using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Escapement.Cli.Tests;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.SchedulerTool.Tests;

/// <summary>The commands that skip a fire time, list the recorded changes and list the pauses, over the address and over the
/// file.</summary>
public sealed class ChangeCommandTests(RunningScheduler running) : IClassFixture<RunningScheduler>
{
    public static TheoryData<string> Ways => ["url", "store"];

    static CancellationToken Token => TestContext.Current.CancellationToken;

    string[] To(string way) => way == "url" ? ["--url", running.Url] : ["--store", running.Store];

    Task<(int ExitCode, string Output, string Error)> RunAsync(string way, params string[] arguments) =>
        Tool.RunWith("", new Dictionary<string, string> { ["TZ"] = "UTC" }, [.. arguments, .. To(way)]);

    [Theory, MemberData(nameof(Ways))]
    public async Task The_next_fire_time_is_skipped_with_a_reason(string way)
    {
        var before = (await running.Scheduler.JobAsync("report", Token)).NextFireTime!.Value;
        var (exitCode, output, error) = await RunAsync(way, "skip", "report", "--why", "holiday", "--by", "li");
        var after = (await running.Scheduler.JobAsync("report", Token)).NextFireTime!.Value;
        Assert.Equal(before.AddYears(1), after);
        Assert.Equal((0, $"report\t{before:yyyy-MM-dd}T09:00:00+00:00\t{after:yyyy-MM-dd}T09:00:00+00:00\n", ""), (exitCode, output, error));
        var action = (await running.Scheduler.ActionsAsync(new() { Limit = 1 }, Token)).Actions[0];
        Assert.Equal(("li", "holiday"), (action.By, action.Why));
        var json = JsonDocument.Parse((await RunAsync(way, "skip", "report", "--json")).Output).RootElement;
        Assert.Equal(after.AddYears(1), json.GetProperty("next_run_time").GetDateTimeOffset());
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task A_run_and_a_backfill_keep_their_author_and_their_purpose(string way)
    {
        var (exitCode, _, error) = await RunAsync(way, "run", "mail", "--args", "[\"a@b\"]", "--why", "a customer asked", "--by", "li");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal((ActionKind.RunRequested, "li", "a customer asked"), await NewestAsync());

        var (job, first) = ("late-" + way, DateTimeOffset.UtcNow.AddMinutes(-30).ToString("yyyy-MM-ddTHH:mm:ss+00:00", CultureInfo.InvariantCulture));
        using HttpClient client = new();
        using var added = await client.PostAsJsonAsync($"{running.Url}/jobs",
            new { id = job, func = "report", trigger = "interval", hours = 1, start_date = first, next_run_time = first }, Token);
        Assert.Equal(HttpStatusCode.OK, added.StatusCode);
        while ((await running.Scheduler.JobAsync(job, Token)).NextFireTime < DateTimeOffset.UtcNow) await Task.Delay(10, Token);
        (exitCode, _, error) = await RunAsync(way, "backfill", job, "--from", "24h", "--why", "db move", "--by", "wu");
        Assert.Equal((0, "1 fire time will run.\n"), (exitCode, error));
        Assert.Equal((ActionKind.Backfilled, "wu", "db move"), await NewestAsync());
        await running.Scheduler.RemoveAsync(job, cancellationToken: Token);

        async Task<(ActionKind, string?, string?)> NewestAsync() =>
            (await running.Scheduler.ActionsAsync(new() { Limit = 1 }, Token)).Actions[0] is var action ? (action.Kind, action.By, action.Why) : default;
    }

    [Theory]
    [InlineData("url", "report", 6, "Job report is paused, so it skips all fire times.")]
    [InlineData("store", "report", 6, "Job report is paused, so it skips all fire times.")]
    [InlineData("url", "mail", 2, "Job mail has no trigger")]
    [InlineData("store", "mail", 2, "Job mail has no trigger")]
    [InlineData("url", "nope", 5, "Job nope not found")]
    [InlineData("store", "nope", 5, "Job nope not found")]
    public async Task A_skip_without_a_fire_time_is_refused(string way, string job, int code, string part)
    {
        await running.Scheduler.PauseAsync("report", cancellationToken: Token);
        var (exitCode, output, error) = await RunAsync(way, "skip", job);
        await running.Scheduler.ResumeAsync("report", cancellationToken: Token);
        Assert.Equal((code, ""), (exitCode, output));
        Assert.StartsWith(part, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_are_listed_with_their_author_their_origin_and_the_fields_before_and_after()
    {
        await RunAsync("url", "pause", "--tag", "files", "--by", "li", "--why", "db move", "--until", "2100-01-01");
        await RunAsync("store", "resume", "--tag", "files", "--by", "wu");
        await running.Scheduler.As(new() { By = "zhao" }).ChangeAsync("report", new() { Name = "Report" }, Token);
        var (over, file) = (await RunAsync("url", "actions", "--limit", "3"), await RunAsync("store", "actions", "--limit", "3"));
        Assert.Equal(over, file);
        Assert.Equal((0, "There are more changes. --limit shows up to 1000, and --until TIME continues before a time.\n"), (file.ExitCode, file.Error));
        var lines = file.Output.TrimEnd('\n').Split('\n').Select(line => line.Split('\t')).ToList();
        Assert.Equal(["changed", "scope_resumed", "scope_paused"], lines.Select(line => line[1]));
        Assert.Equal(["zhao", "wu", "li"], lines.Select(line => line[5]));
        Assert.Equal(("report", """{"name":"report"}""", """{"name":"Report"}"""), (lines[0][2], lines[0][11], lines[0][12]));
        Assert.StartsWith("escapement tool, user ", lines[1][7], StringComparison.Ordinal);
        Assert.Equal(["", "tag", "files", "li", "db move", "REST 127.0.0.1", "2100-01-01T00:00:00+00:00"], lines[2][2..9]);
        Assert.Equal((await RunAsync("url", "actions", "report", "--json")).Output, (await RunAsync("store", "actions", "report", "--json")).Output);
    }

    [Theory]
    [InlineData("actions nope", 5, "Job nope not found")]
    [InlineData("actions --limit 0", 2, "--limit: '0' is not a limit")]
    [InlineData("actions --since soon", 2, "'soon'")]
    [InlineData("actions --since 1h --until 2h", 2, "--since 1h is not before --until 2h.")]
    [InlineData("actions --since 2030-02-01 --until 2030-01-01", 2, "until is '2030-01-01'; an instant after ")]
    [InlineData("pauses --since soon", 2, "'soon'")]
    [InlineData("skip", 2, "Give the job, as in escapement skip JOB. escapement jobs lists the jobs.")]
    [InlineData("why", 2, "Give the job, as in escapement why JOB. escapement jobs lists the jobs.")]
    public async Task A_mistake_is_told(string line, int code, string part)
    {
        foreach (var way in (string[])["url", "store"])
        {
            var (exitCode, output, error) = await RunAsync(way, line.Split(' '));
            Assert.Equal((code, ""), (exitCode, output));
            Assert.Contains(part, error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Pauses_are_listed_by_scope_and_an_ended_pause_only_with_a_span()
    {
        await running.Scheduler.PauseAllAsync(cancellationToken: Token);
        await running.Scheduler.PauseTagAsync("files", new("li", "db move", new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero)), Token);
        await running.Scheduler.PauseAsync("slow", new("wu"), cancellationToken: Token);
        await running.Scheduler.ResumeAsync("slow", cancellationToken: Token);
        var (over, file) = (await RunAsync("url", "pauses"), await RunAsync("store", "pauses"));
        var (past, pastOfFile) = (await RunAsync("url", "pauses", "--since", "1h"), await RunAsync("store", "pauses", "--since", "1h"));
        var (zh, json) = (await RunAsync("store", "pauses", "--lang", "zh"), await RunAsync("url", "pauses", "--json"));
        await running.Scheduler.ResumeTagAsync("files", Token);
        await running.Scheduler.ResumeAllAsync(Token);
        Assert.Equal(over, file);
        Assert.Equal((0, ""), (file.ExitCode, file.Error));
        var lines = Lines(file.Output);
        Assert.Equal([("all", "", ""), ("tag", "files", "li")], lines.Select(line => (line[0], line[1], line[2])));
        Assert.Equal(("2100-01-01T00:00:00+00:00", "", "1", "db move"), (lines[1][4], lines[1][5], lines[1][6], lines[1][7]));
        Assert.StartsWith("paused with the tag files by li since ", lines[1][8], StringComparison.Ordinal);
        Assert.Contains("暂停", zh.Output, StringComparison.Ordinal);
        Assert.Equal(["all", "tag"], JsonDocument.Parse(json.Output).RootElement.EnumerateArray().Select(pause => pause.GetProperty("scope").GetString()));
        Assert.Equal(past, pastOfFile);
        var ended = Assert.Single(Lines(past.Output), line => line[0] == "job" && line[1] == "slow");
        Assert.Equal(("wu", ""), (ended[2], ended[4]));
        Assert.True(DateTimeOffset.Parse(ended[5], CultureInfo.InvariantCulture) >= DateTimeOffset.Parse(ended[3], CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("url", "all", "the whole scheduler was paused since ")]
    [InlineData("store", "all", "the whole scheduler was paused since ")]
    [InlineData("url", "tag", "paused with the tag files since ")]
    [InlineData("store", "tag", "paused with the tag files since ")]
    [InlineData("url", "executor", "paused with the executor default since ")]
    [InlineData("store", "executor", "paused with the executor default since ")]
    [InlineData("url", "job", "paused since ")]
    [InlineData("store", "job", "paused since ")]
    public async Task A_job_names_the_pause_without_details_that_holds_it(string way, string scope, string note)
    {
        PauseNote? until = scope is "tag" ? new(until: new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero)) : null;
        await (scope switch
        {
            "all" => running.Scheduler.PauseAllAsync(until, Token),
            "tag" => running.Scheduler.PauseTagAsync("files", until, Token),
            "executor" => running.Scheduler.PauseExecutorAsync("default", until, Token),
            _ => (Task)running.Scheduler.PauseAsync("report", until, cancellationToken: Token),
        });
        var (_, output, error) = await RunAsync(way, "jobs");
        await running.Scheduler.ResumeAllAsync(Token);
        await running.Scheduler.ResumeTagAsync("files", Token);
        await running.Scheduler.ResumeExecutorAsync("default", Token);
        if (scope == "job") await running.Scheduler.ResumeAsync("report", cancellationToken: Token);
        var job = Assert.Single(Lines(output), line => line[0] == "report");
        Assert.Equal("paused", job[3]);
        Assert.StartsWith(note, job[4], StringComparison.Ordinal);
        if (scope == "tag") Assert.EndsWith(" until 1 Jan 2100 00:00", job[4], StringComparison.Ordinal);
        if (scope == "all") Assert.StartsWith("Nothing fires: the whole scheduler was paused since ", error, StringComparison.Ordinal);
        else Assert.Equal("", error);
        Assert.Equal("on request", Assert.Single(Lines(output), line => line[0] == "mail")[3]);
        Assert.Contains("\tscheduled\t\n", (await RunAsync(way, "jobs")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("url", "report", "Job report")]
    [InlineData("store", "report", "Job report")]
    [InlineData("url", "--tag files", "Tag files")]
    [InlineData("store", "--tag files", "Tag files")]
    [InlineData("url", "--executor default", "Executor default")]
    [InlineData("store", "--executor default", "Executor default")]
    [InlineData("url", "--all", "Everything")]
    [InlineData("store", "--all", "Everything")]
    public async Task A_resume_without_a_pause_says_so(string way, string target, string shown)
    {
        var (exitCode, output, error) = await RunAsync(way, ["resume", .. target.Split(' ')]);
        Assert.Equal((0, ""), (exitCode, output));
        Assert.StartsWith($"{shown} was not paused. Nothing was changed.\n", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("skip")]
    [InlineData("run")]
    [InlineData("runs")]
    [InlineData("why")]
    [InlineData("actions")]
    [InlineData("backfill --from 1h")]
    public async Task An_unknown_job_names_the_nearest_job(string line)
    {
        foreach (var way in (string[])["url", "store"])
        {
            var (exitCode, output, error) = await RunAsync(way, [.. line.Split(' '), "repotr"]);
            Assert.Equal((5, "", "Job repotr not found. Did you mean report?\n"), (exitCode, output, error));
        }
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task A_resume_names_what_still_holds_the_job(string way)
    {
        await running.Scheduler.PauseAsync("report", cancellationToken: Token);
        await running.Scheduler.PauseTagAsync("files", new("li", "db move"), Token);
        await running.Scheduler.PauseAllAsync(cancellationToken: Token);
        var (exitCode, output, error) = await RunAsync(way, "resume", "report");
        await running.Scheduler.PauseAsync("report", cancellationToken: Token);
        var json = JsonDocument.Parse((await RunAsync(way, "resume", "report", "--json")).Output).RootElement;
        await running.Scheduler.ResumeAllAsync(Token);
        await running.Scheduler.ResumeTagAsync("files", Token);
        Assert.Equal((0, "Resumed job report.\n"), (exitCode, output));
        Assert.Matches("""
            ^Job report is still held: the whole scheduler was paused since .*\.
            Job report is still held: paused with the tag files by li since .*: db move\.

            """, error);
        Assert.Equal(["all", "tag"], json.GetProperty("held_by").EnumerateArray().Select(pause => pause.GetProperty("scope").GetString()));
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task A_pause_of_an_executor_counts_the_jobs_that_are_held(string way)
    {
        await running.Scheduler.PauseAsync("report", cancellationToken: Token);
        var paused = await RunAsync(way, "pause", "--executor", "default");
        var resumed = await RunAsync(way, "resume", "--executor", "default");
        var json = JsonDocument.Parse((await RunAsync(way, "pause", "--tag", "nobody", "--json")).Output).RootElement;
        var none = await RunAsync(way, "resume", "--tag", "nobody");
        await running.Scheduler.ResumeAsync("report", cancellationToken: Token);
        Assert.Equal((0, "Paused executor default.\n", "3 of 3 jobs of executor default are held now.\n"), paused);
        Assert.Equal((0, "Resumed executor default.\n", "1 of 3 jobs of executor default is still held; escapement jobs says by what.\n"), resumed);
        Assert.Equal((0, 0), (json.GetProperty("jobs").GetInt32(), json.GetProperty("held").GetInt32()));
        Assert.Equal((0, "Resumed tag nobody.\n", "There is no job of tag nobody now.\n"), none);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task A_job_whose_only_fire_time_is_skipped_has_ended(string way)
    {
        await running.Scheduler.AddAsync(new("once", "mail")
        {
            Trigger = new DateTrigger(new DateTimeOffset(2100, 1, 1, 9, 0, 0, TimeSpan.Zero), ZoneClock.Utc),
            Arguments = new("[]", """{"to": "a@b"}"""),
            ReplaceExisting = true,
        }, Token);
        var (exitCode, output, error) = await RunAsync(way, "skip", "once", "--by", "li");
        Assert.Equal((0, "once\t2100-01-01T09:00:00+00:00\t\n", "Job once has no further fire time, and has ended.\n"), (exitCode, output, error));
        var why = await RunAsync(way, "why", "once");
        Assert.Contains("\nended\tThe job has ended: the last fire time of the job was skipped by request at ", why.Output, StringComparison.Ordinal);
    }

    static List<string[]> Lines(string output) => [.. output.TrimEnd('\n').Split('\n').Select(line => line.Split('\t'))];
}

/// <summary>A wait for a run that does not begin.</summary>
public sealed class UnclaimedRunTests
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("url", true, "No process is active; the run starts when a process is. Ctrl+C ends the wait, and the run stays.")]
    [InlineData("store", true, "No process is active; the run starts when a process is. Ctrl+C ends the wait, and the run stays.")]
    [InlineData("url", false, "The run waits for a place. Ctrl+C ends the wait, and the run stays.")]
    [InlineData("store", false, "The run waits for a place. Ctrl+C ends the wait, and the run stays.")]
    public async Task A_wait_says_why_the_run_does_not_begin_and_leaves_the_run(string way, bool isShutDown, string sentence)
    {
        await using var running = new RunningScheduler()
            .With("SCHEDULER_EXECUTORS", """{"default": {"type": "threadpool", "max_workers": 1}}""").With("SCHEDULER_DRAIN", "0s");
        await running.InitializeAsync();
        if (isShutDown) await running.Scheduler.ShutdownAsync(Token);
        else await running.Scheduler.RunAsync("slow", cancellationToken: Token);
        string[] to = way == "url" ? ["--url", running.Url] : ["--store", running.Store];
        // A shell starts background processes with SIGINT ignored.
        using var tool = Process.Start(Tool.Start("env", null,
            ["--default-signal=INT", "dotnet", Tool.Path, "run", "slow", "--key", "wait", "--wait", .. to]))!;
        Assert.Equal(sentence, await tool.StandardError.ReadLineAsync(Token).AsTask().WaitAsync(Limit, Token));
        using (var kill = Process.Start("kill", ["-INT", tool.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync(Token);
        }

        await tool.WaitForExitAsync(Token);
        Assert.Equal(130, tool.ExitCode);
        var again = await Tool.Run(["run", "slow", "--key", "wait", .. to]);
        Assert.Equal((0, "The key has this run already. No other run was added.\n"), (again.ExitCode, again.Error));
    }
}
