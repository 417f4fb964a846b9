using System.CommandLine;
using System.Text.Json;

namespace Escapement.Cli.Scheduling;

/// <summary>The command <c>escapement backfill</c>: makes up for fire times that did not run.</summary>
static class BackfillCommand
{
    public static Command Create(TimeProvider clock)
    {
        Argument<string> job = new("job") { Description = "The job." };
        Option<string?> from = new("--from") { Description = "The beginning: 10m, 24h, 7d, a date or an instant.", HelpName = "time" };
        Option<string?> to = new("--to") { Description = "The end, in the same forms. Default: now.", HelpName = "time" };
        Option<string?> reason = new("--reason")
        {
            Description = "Only these reasons, separated by commas. Default: every missed fire time. A skip such as Paused must be named.",
            HelpName = "words",
        };
        Option<bool> dryRun = new("--dry-run") { Description = "Name the fire times, and change nothing." };
        Command command = new("backfill", "Makes up for missed fire times: each runs once, under its own fire time.")
        {
            job, from, to, reason, dryRun,
        };
        NoteOptions notes = new(command);
        SourceOptions options = new(command, clock);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(from) is not { } begin)
            {
                return StandardError.Refuse("Give the beginning, such as --from 24h. Try --dry-run first.");
            }

            SpanText.Check(clock.GetUtcNow(), from.Name, begin, to.Name, parsed.GetValue(to));
            BackfillRequest request = new(parsed.GetValue(job)!, begin, parsed.GetValue(to), parsed.GetValue(reason),
                parsed.GetValue(dryRun), notes.Note(parsed));
            return options.Run(parsed, async (source, output, cancellationToken) =>
            {
                var answer = await source.BackfillAsync(request, cancellationToken);
                if (options.IsJson(parsed)) output.Document(Output.Json, answer.WriteTo);
                else Print(output, answer, request);
                return ExitCode.Done;
            });
        });
        return command;
    }

    static void Print(Output output, JsonElement answer, BackfillRequest request)
    {
        Table table = new(output, "FIRE TIME", "RUN");
        TimeText time = new(table.IsForPeople);
        foreach (var run in answer.Items("runs")) table.Add(time.Here(run.Text("fire_time")), run.Text("id"));
        table.Print();
        var count = answer.Number("count");
        var times = count == 1 ? "1 fire time" : $"{count} fire times";
        StandardError.Say(answer.Is("dry_run") ? $"{times} would run. Nothing was changed." : $"{times} will run.");
        if (answer.Number("already_run") is > 0 and var ran) StandardError.Say($"{ran} ran meanwhile, and do not run again.");
        if (answer.Number("undecided") is > 0 and var open)
        {
            StandardError.Say($"{open} may still run, and are left out: their pause lasts, or no process is active.");
        }

        // Without reasons, a fire time that merged into a later run counts as skipped, although nobody asked for the skip.
        if (count == 0 && request.Reasons is null)
        {
            StandardError.Say($"Skipped fire times run only if --reason names their reason. escapement why {request.Job} names the reasons.");
        }
    }
}
