using System.CommandLine;
using System.Text.Json;

namespace Escapement.Cli.Scheduling;

/// <summary>The command <c>escapement runs</c>: lists runs, newest fire time first.</summary>
static class RunsCommand
{
    public static Command Create(TimeProvider clock)
    {
        Argument<string?> job = new("job") { Description = "Only runs of this job.", Arity = ArgumentArity.ZeroOrOne };
        var outcome = Filter("--outcome", "Only these outcomes, separated by commas: succeeded, failed, timed_out, cancelled, interrupted, missed.", "words");
        var reason = Filter("--reason", "Only these reasons, separated by commas. escapement help REASON explains a reason.", "words");
        var tag = Filter("--tag", "Only runs of the jobs with this tag.", "tag");
        var cause = Filter("--cause", "Only these causes, separated by commas: fire_time, enqueued, backfill.", "words");
        var node = Filter("--node", "Only runs of the process with this id.", "id");
        var since = Filter("--since", "Only fire times from this time on: 10m, 24h, 7d, a date or an instant.", "time");
        var until = Filter("--until", "Only fire times before this time.", "time");
        var limit = LimitOption.Create();
        Command command = new("runs", "Lists runs, newest fire time first.") { job, outcome, reason, cause, tag, node, since, until, limit };
        SourceOptions options = new(command, clock);
        command.SetAction(parsed =>
        {
            SpanText.Check(clock.GetUtcNow(), since.Name, parsed.GetValue(since), until.Name, parsed.GetValue(until));
            RunsRequest request = new()
            {
                Job = parsed.GetValue(job),
                Outcome = parsed.GetValue(outcome),
                Reason = parsed.GetValue(reason),
                Cause = parsed.GetValue(cause),
                Tag = parsed.GetValue(tag),
                Node = parsed.GetValue(node),
                Since = parsed.GetValue(since),
                Until = parsed.GetValue(until),
                Limit = LimitOption.Read(parsed.GetValue(limit)),
            };
            return options.Run(parsed, async (source, output, cancellationToken) =>
            {
                var (runs, more) = await source.RunsAsync(request, cancellationToken);
                if (options.IsJson(parsed)) output.Document(Output.Json, runs.WriteTo);
                else Print(output, runs);
                output.Writer.Flush();
                if (more is not null) StandardError.Say(more);
                return ExitCode.Done;
            });
        });
        return command;
    }

    static Option<string?> Filter(string name, string description, string value) =>
        new(name) { Description = description, HelpName = value };

    static void Print(Output output, JsonElement runs)
    {
        Table table = new(output, "FIRE TIME", "JOB", "OUTCOME", "TOOK", "RUN");
        TimeText time = new(table.IsForPeople);
        foreach (var run in runs.Items())
        {
            var outcome = run.Text("outcome") is { Length: > 0 } ended ? ended : run.Text("state");
            var took = time.Between(run.Text("started_at"), run.Text("finished_at"));
            if (table.IsForPeople)
            {
                table.AddWithNote(Note(run), time.Here(run.Text("fire_time")), run.Text("job_id"), outcome, took, run.Text("id"));
            }
            else
            {
                table.Add(run.Text("fire_time"), run.Text("job_id"), outcome, took, run.Text("id"), run.Text("reason"), run.Text("node"),
                    run.Text("attempt"), run.Text("error"));
            }
        }

        if (table.IsForPeople && runs.GetArrayLength() == 0) output.Line("No runs.");
        table.Print();
    }

    static string Note(JsonElement run)
    {
        var error = run.Text("error").Split('\n')[0];
        return (run.Text("reason"), error) switch
        {
            ("", "") => "",
            ("", _) => error,
            (var reason, "") => reason,
            var (reason, _) => $"{reason}: {error}",
        };
    }
}
