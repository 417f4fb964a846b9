using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Escapement.Cli.Tests;
using Escapement.Triggers;

namespace Escapement.SchedulerTool.Tests;

/// <summary>The commands that ask a scheduler, over its address and over the file of its store.</summary>
public sealed class SchedulerCommandTests(RunningScheduler running) : IClassFixture<RunningScheduler>
{
    public enum Way
    {
        Url,
        Store,
    }

    public static TheoryData<Way> Ways => [Way.Url, Way.Store];

    string[] To(Way way) => way == Way.Url ? ["--url", running.Url] : ["--store", running.Store];

    Task<(int ExitCode, string Output, string Error)> RunAsync(Way way, params string[] arguments) => Tool.Run([.. arguments, .. To(way)]);

    async Task<JsonElement> JsonAsync(Way way, params string[] arguments)
    {
        var (exitCode, output, error) = await RunAsync(way, [.. arguments, "--json"]);
        Assert.Equal((0, ""), (exitCode, error));
        return JsonDocument.Parse(output).RootElement;
    }

    [Fact]
    public async Task Jobs_are_the_same_over_the_address_and_over_the_file()
    {
        var (over, file) = (await RunAsync(Way.Url, "jobs"), await RunAsync(Way.Store, "jobs"));
        Assert.Equal(over, file);
        Assert.Equal((0, ""), (over.ExitCode, over.Error));
        Assert.Contains("\nmail\tmail\t\ton request\t\n", "\n" + over.Output, StringComparison.Ordinal);

        // The scheduler omits its own zone, and over the file the zone of this machine is omitted.
        Dictionary<string, string> zone = new() { ["TZ"] = "UTC" };
        Assert.Equal(await Tool.RunWith("", zone, ["jobs", "--json", .. To(Way.Url)]),
            await Tool.RunWith("", zone, ["jobs", "--json", .. To(Way.Store)]));
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task A_run_is_asked_for_and_waited_for(Way way)
    {
        var run = await JsonAsync(way, "run", "mail", "--kwargs", """{"to": "li@example.org"}""", "--wait");
        Assert.Equal(("mail", "succeeded"), (run.GetProperty("job_id").GetString(), run.GetProperty("outcome").GetString()));
        var (exitCode, output, _) = await RunAsync(way, "runs", "mail");
        Assert.Equal(0, exitCode);
        Assert.Contains($"\tmail\tsucceeded\t", output, StringComparison.Ordinal);
        Assert.Contains(run.GetProperty("id").GetString()!, output, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task Runs_are_chosen_by_their_cause(Way way)
    {
        var run = await JsonAsync(way, "run", "mail", "--args", "[\"a@b\"]", "--wait");
        var asked = await JsonAsync(way, "runs", "mail", "--cause", "enqueued,backfill");
        Assert.Contains(run.GetProperty("id").GetString(), asked.EnumerateArray().Select(found => found.GetProperty("id").GetString()));
        Assert.Empty((await JsonAsync(way, "runs", "mail", "--cause", "fire_time")).EnumerateArray());
        var (exitCode, output, error) = await RunAsync(way, "runs", "--cause", "luck");
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains("cause is 'luck'; one or more of these words are allowed, separated by commas: fire_time, enqueued, backfill.", error, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task A_run_that_fails_is_bad_news(Way way)
    {
        var (exitCode, output, _) = await RunAsync(way, "run", "mail", "--args", "[\"nobody\"]", "--wait");
        Assert.Equal(1, exitCode);
        Assert.Contains("\tfailed\t", output, StringComparison.Ordinal);
        Assert.Contains("'nobody' is not an address.", output, StringComparison.Ordinal);
        Assert.Single(output.TrimEnd('\n').Split('\n'));
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task A_run_without_a_wait_answers_its_id(Way way)
    {
        var (exitCode, output, error) = await RunAsync(way, "run", "mail", "--args", "[\"a@b\"]", "--key", $"{way}", "--at", "2100-01-01");
        Assert.Equal((0, ""), (exitCode, error));
        var again = await RunAsync(way, "run", "mail", "--args", "[\"a@b\"]", "--key", $"{way}", "--at", "2100-01-01");
        Assert.Equal((0, output), (again.ExitCode, again.Output));
        Assert.Contains("The key has this run already", again.Error, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task A_job_is_paused_with_a_reason_and_resumed(Way way)
    {
        var (exitCode, output, error) = await RunAsync(way, "pause", "report", "--by", "li", "--why", "db move", "--until", "2100-01-01");
        Assert.Equal((0, "Paused job report until 2100-01-01.\n", ""), (exitCode, output, error));
        var pause = (await running.Scheduler.JobAsync("report", TestContext.Current.CancellationToken)).Paused!;
        Assert.Equal(("li", "db move", new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero)), (pause.By, pause.Why, pause.Until));
        Assert.Contains("paused by li since ", (await RunAsync(way, "jobs")).Output, StringComparison.Ordinal);
        Assert.Equal((0, "Resumed job report.\n"), await ResultAsync(way, "resume", "report"));
        Assert.Null((await running.Scheduler.JobAsync("report", TestContext.Current.CancellationToken)).Paused);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task A_pause_ends_after_a_duration(Way way)
    {
        var before = DateTimeOffset.UtcNow;
        var (exitCode, output) = await ResultAsync(way, "pause", "report", "--until", "2h");
        var pause = (await running.Scheduler.JobAsync("report", TestContext.Current.CancellationToken)).Paused!;
        Assert.InRange(pause.Until!.Value, before.AddHours(2).AddSeconds(-1), DateTimeOffset.UtcNow.AddHours(2).AddSeconds(1));
        Assert.Equal((0, $"Paused job report until {IsoTime.Format(pause.Until.Value)}.\n"), (exitCode, output));
        Assert.Equal((0, "Resumed job report.\n"), await ResultAsync(way, "resume", "report"));
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task Everything_is_paused_and_resumed(Way way)
    {
        Assert.Equal((0, "Paused everything.\n"), await ResultAsync(way, "pause", "--all", "--by", "li"));
        Assert.Equal("li", (await running.Scheduler.StateAsync(TestContext.Current.CancellationToken)).Paused!.By);
        var (_, output, error) = await RunAsync(way, "jobs");
        Assert.StartsWith("Nothing fires: the whole scheduler was paused by li since ", error, StringComparison.Ordinal);
        Assert.Contains("\tpaused\tthe whole scheduler was paused by li since ", output, StringComparison.Ordinal);
        Assert.Contains("Nothing fires: the whole scheduler was paused by li since ", (await RunAsync(way, "nodes")).Error, StringComparison.Ordinal);
        Assert.Equal((0, "Resumed everything.\n"), await ResultAsync(way, "resume", "--all"));
        Assert.Equal("", (await RunAsync(way, "jobs")).Error);
        Assert.Null((await running.Scheduler.StateAsync(TestContext.Current.CancellationToken)).Paused);
    }

    [Theory]
    [InlineData(Way.Url, "--tag", "files", "tag files")]
    [InlineData(Way.Store, "--tag", "files", "tag files")]
    [InlineData(Way.Url, "--executor", "default", "executor default")]
    [InlineData(Way.Store, "--executor", "default", "executor default")]
    public async Task A_tag_and_an_executor_are_paused_and_resumed(Way way, string option, string name, string shown)
    {
        Assert.Equal((0, $"Paused {shown}.\n"), await ResultAsync(way, "pause", option, name, "--by", "li", "--why", "db move"));
        var pause = Assert.Single(await running.Scheduler.PausesAsync(TestContext.Current.CancellationToken));
        Assert.Equal((name, "li", "db move"), (pause.Name, pause.By, pause.Why));
        var (exitCode, _, error) = await RunAsync(way, "resume", "report");
        Assert.Equal(6, exitCode);
        Assert.Contains(name, error, StringComparison.Ordinal);
        Assert.Equal((0, $"Resumed {shown}.\n"), await ResultAsync(way, "resume", option, name, "--by", "wu"));
        Assert.Empty(await running.Scheduler.PausesAsync(TestContext.Current.CancellationToken));
        var actions = await running.Scheduler.ActionsAsync(new() { Limit = 2 }, TestContext.Current.CancellationToken);
        Assert.Equal(["wu", "li"], actions.Actions.Select(action => action.By));
        Assert.All(actions.Actions, action => Assert.StartsWith(way == Way.Url ? "REST 127.0.0.1" : "escapement tool, user ", action.Origin,
            StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_author_is_the_user_by_default()
    {
        await RunAsync(Way.Store, "pause", "slow");
        Assert.Equal(Environment.UserName, (await running.Scheduler.JobAsync("slow", TestContext.Current.CancellationToken)).Paused!.By);
        await RunAsync(Way.Store, "resume", "slow");
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task Living_processes_are_listed_and_the_tool_is_none(Way way)
    {
        // The list leaves out a process that does not answer within 500 ms, as on a machine under load.
        JsonElement nodes;
        do nodes = await JsonAsync(way, "nodes");
        while (nodes.GetArrayLength() == 0 && !TestContext.Current.CancellationToken.IsCancellationRequested);

        var node = Assert.Single(nodes.EnumerateArray());
        Assert.Equal((Environment.ProcessId, "active"), (node.GetProperty("pid").GetInt32(), node.GetProperty("role").GetString()));
        Assert.StartsWith("Active since", node.GetProperty("sentence").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Way.Url, "pause nope")]
    [InlineData(Way.Store, "pause nope")]
    [InlineData(Way.Url, "resume nope")]
    [InlineData(Way.Store, "resume nope")]
    [InlineData(Way.Url, "run nope")]
    [InlineData(Way.Store, "run nope")]
    [InlineData(Way.Url, "runs nope")]
    [InlineData(Way.Store, "runs nope")]
    public async Task An_unknown_job_is_5(Way way, string line)
    {
        var (exitCode, output, error) = await RunAsync(way, line.Split(' '));
        Assert.Equal((5, "", "Job nope not found\n"), (exitCode, output, error));
    }

    [Theory]
    [InlineData("pause", "..")]
    [InlineData("pause", ".")]
    [InlineData("pause", "")]
    [InlineData("pause", "--tag", "..")]
    [InlineData("resume", "..")]
    [InlineData("run", "..")]
    [InlineData("why", "..")]
    [InlineData("backfill", "..", "--from", "1h")]
    public async Task A_name_that_would_shorten_the_address_is_refused(params string[] line)
    {
        var (exitCode, output, _) = await RunAsync(Way.Url, line);
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Null((await running.Scheduler.StateAsync(TestContext.Current.CancellationToken)).Paused);
        Assert.Empty(await running.Scheduler.PausesAsync(TestContext.Current.CancellationToken));
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task A_pause_says_how_many_jobs_it_concerns(Way way)
    {
        Assert.Equal((0, "Paused tag fils.\n", "There is no job of tag fils now.\n"), await RunAsync(way, "pause", "--tag", "fils"));
        Assert.Equal((0, "Resumed tag fils.\n", "There is no job of tag fils now.\n"), await RunAsync(way, "resume", "--tag", "fils"));
        Assert.Equal((0, "Paused tag files.\n", "1 of 1 job of tag files is held now.\n"), await RunAsync(way, "pause", "--tag", "files"));
        Assert.Equal((0, "Resumed tag files.\n", "No job of tag files is held now (1 in all).\n"), await RunAsync(way, "resume", "--tag", "files"));
    }

    [Theory]
    [InlineData(Way.Url, "runs --since 1h --until 2h", "--since 1h is not before --until 2h. Both count back from now")]
    [InlineData(Way.Store, "runs --since 1h --until 2h", "--since 1h is not before --until 2h. Both count back from now")]
    [InlineData(Way.Store, "runs --since 2025-03-02 --until 2025-03-01", "--until is '2025-03-01'; an instant after --since is allowed, which is '2025-03-02'.")]
    [InlineData(Way.Url, "why report --since 1h --to 2h", "--since 1h is not before --to 2h.")]
    [InlineData(Way.Store, "why report --since soon", "--since is 'soon'; write it as a duration")]
    [InlineData(Way.Url, "audit --from soon", "--from is 'soon'; write it as a duration")]
    [InlineData(Way.Url, "backfill report --from soon", "--from is 'soon'; write it as a duration")]
    [InlineData(Way.Url, "why report --since 24 h", "'h' is one argument too many. Put a value with a space in quotes, and")]
    public async Task A_wrong_span_is_told_in_the_words_of_the_command_line(Way way, string line, string message)
    {
        var (exitCode, output, error) = await RunAsync(way, line.Split(' '));
        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith(message, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pause", "Give what to pause")]
    [InlineData("pause report --all", "Give one thing to pause")]
    [InlineData("resume", "Give what to resume")]
    [InlineData("pause report --until tomorrow", "'tomorrow'")]
    [InlineData("run mail --args {}", "--args: give a JSON list.")]
    [InlineData("run mail --kwargs {", "--kwargs: This is not JSON")]
    [InlineData("runs --limit 0", "--limit: '0' is not a limit")]
    [InlineData("runs --since soon", "'soon'")]
    [InlineData("jobs --url x --store y", "not both")]
    public async Task A_mistake_is_2(string line, string part)
    {
        string[] words = line.Split(' ');
        var (exitCode, output, error) = words.Contains("--url") ? await Tool.Run(words) : await RunAsync(Way.Store, words);
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(part, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://localhost", 2, "is not an address")]
    [InlineData("localhost:5000", 2, "is not an address")]
    [InlineData("http://localhost:1/scheduler?x=1", 2, "has a query")]
    [InlineData("http://127.0.0.1:1/scheduler", 3, "connection refused")]
    public async Task An_address_without_a_scheduler_is_told(string url, int code, string part)
    {
        var (exitCode, output, error) = await Tool.Run("jobs", "--url", url);
        Assert.Equal((code, ""), (exitCode, output));
        Assert.Contains(part, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_server_is_no_scheduler()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        var served = ServeAsync(listener);
        var (exitCode, _, error) = await Tool.Run("jobs", "--url", $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        Assert.Equal(3, exitCode);
        Assert.Contains("answers 200, and is not a scheduler", error, StringComparison.Ordinal);
        await served;

        static async Task ServeAsync(TcpListener listener)
        {
            using var client = await listener.AcceptTcpClientAsync();
            await using var stream = client.GetStream();
            _ = await stream.ReadAsync(new byte[4096]);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"u8.ToArray());
        }
    }

    [Fact]
    public async Task The_address_comes_from_the_environment()
    {
        var (exitCode, output, _) = await Tool.RunWith("", new Dictionary<string, string> { ["ESCAPEMENT_URL"] = running.Url }, "jobs");
        Assert.Equal(0, exitCode);
        Assert.Contains("report\t", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing.db", "missing.db. The store is a file in the folder of the application, by default .escapement/escapement.db.")]
    [InlineData(".", "is a folder")]
    [InlineData("memory", "exists only inside its process")]
    public async Task A_path_without_a_store_is_3_and_creates_nothing(string path, string part)
    {
        var folder = Directory.CreateTempSubdirectory("escapement-cli-");
        try
        {
            var store = path is "memory" ? path : Path.Combine(folder.FullName, path);
            var (exitCode, output, error) = await Tool.Run("jobs", "--store", store);
            Assert.Equal((3, ""), (exitCode, output));
            Assert.Contains(part, error, StringComparison.Ordinal);
            Assert.Empty(folder.EnumerateFileSystemInfos());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    async Task<(int ExitCode, string Output)> ResultAsync(Way way, params string[] arguments)
    {
        var (exitCode, output, _) = await RunAsync(way, arguments);
        return (exitCode, output);
    }
}

/// <summary>A scheduler that asks for a password.</summary>
public sealed class PasswordTests
{
    [Fact]
    public async Task A_password_is_asked_for_and_sent()
    {
        await using var running = new RunningScheduler().With("SCHEDULER_AUTH", """{"scheme": "basic", "username": "ops", "password": "s3cr:t"}""");
        await running.InitializeAsync();
        var (exitCode, _, error) = await Tool.Run("jobs", "--url", running.Url);
        Assert.Equal(4, exitCode);
        Assert.Contains("asks for a user and a password", error, StringComparison.Ordinal);
        Assert.Equal(0, (await Tool.Run("jobs", "--url", running.Url.Replace("://", "://ops:s3cr%3At@", StringComparison.Ordinal))).ExitCode);
    }
}
