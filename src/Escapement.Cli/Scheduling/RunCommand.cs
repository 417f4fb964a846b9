using System.CommandLine;
using System.Text.Json;

namespace Escapement.Cli.Scheduling;

/// <summary>The command <c>escapement run</c>: asks for a run of a job, and may wait for its end.</summary>
static class RunCommand
{
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50), LastPause = TimeSpan.FromSeconds(1),
        SilentLimit = TimeSpan.FromSeconds(3);

    public static Command Create(TimeProvider clock)
    {
        Argument<string> job = new("job") { Description = "The job." };
        Option<string?> args = new("--args") { Description = "The positional arguments, a JSON list such as '[1, \"two\"]'.", HelpName = "json" };
        Option<string?> kwargs = new("--kwargs") { Description = "The named arguments, a JSON object such as '{\"name\": 1}'.", HelpName = "json" };
        Option<string?> key = new("--key") { Description = "A key, which no other waiting or running run of the job has.", HelpName = "text" };
        Option<string?> at = new("--at") { Description = "The earliest start. Default: now.", HelpName = "date" };
        Option<bool> wait = new("--wait") { Description = "Wait for the end. The exit code is 1 if the run does not succeed." };
        Command command = new("run", "Asks for a run of a job now.") { job, args, kwargs, key, at, wait };
        NoteOptions notes = new(command);
        SourceOptions options = new(command, clock);
        command.SetAction(parsed =>
        {
            RunNowRequest request = new(parsed.GetValue(job)!, Json("--args", parsed.GetValue(args), JsonValueKind.Array, "list"),
                Json("--kwargs", parsed.GetValue(kwargs), JsonValueKind.Object, "object"), parsed.GetValue(key), parsed.GetValue(at),
                notes.Note(parsed));
            return options.Run(parsed, async (source, output, cancellationToken) =>
            {
                var asked = await source.RunAsync(request, cancellationToken);
                if (parsed.GetValue(wait))
                {
                    var run = await EndAsync(source, asked.Text("id"), clock, cancellationToken);
                    if (options.IsJson(parsed)) output.Document(Output.Json, run.WriteTo);
                    else Print(output, run);
                    return run.Text("outcome") == "succeeded" ? ExitCode.Done : ExitCode.BadNews;
                }

                if (options.IsJson(parsed)) output.Document(Output.Json, asked.WriteTo);
                else output.Line(asked.Text("id"));
                if (asked.Is("existing")) StandardError.Say("The key has this run already. No other run was added.");
                return ExitCode.Done;
            });
        });
        return command;
    }

    static string? Json(string option, string? text, JsonValueKind kind, string name)
    {
        if (text is null) return null;
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind == kind) return text;
        }
        catch (JsonException e)
        {
            throw new FormatException($"{option}: {JsonFault.Sentence(text, e, isEmbedded: true)}", e);
        }

        throw new FormatException($"{option}: give a JSON {name}.");
    }

    static void Print(Output output, JsonElement run)
    {
        TimeText time = new(output.Width is not null);
        var took = time.Between(run.Text("started_at"), run.Text("finished_at"));
        if (output.Width is null)
        {
            output.Line(string.Join('\t', ((string[])[run.Text("id"), run.Text("outcome"), took, run.Text("reason"), run.Text("error")])
                .Select(Table.Plain)));
            return;
        }

        output.Line($"{run.Text("id")}  {run.Text("outcome")}{(took.Length > 0 ? "  " + took : "")}");
        foreach (var text in (string[])[run.Text("reason"), run.Text("error").Split('\n')[0]])
        {
            if (text.Length > 0) output.Paragraph(DisplayText.Expand(text).Text, indent: 2);
        }
    }

    static async Task<JsonElement> EndAsync(SchedulerSource source, string id, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (pause, begun, told) = (FirstPause, clock.GetTimestamp(), false);
        while (true)
        {
            var run = await source.FindRunAsync(id, cancellationToken)
                ?? throw new ToolException(ExitCode.NotFound, $"Run {id} is gone: the retention has deleted it.");
            if (run.Text("state") is not ("waiting" or "running")) return run;
            if (!told && clock.GetElapsedTime(begun) > SilentLimit && run.Text("state") is "waiting")
            {
                told = true;
                StandardError.Say(await source.IsActiveAsync(cancellationToken)
                    ? "The run waits for a place. Ctrl+C ends the wait, and the run stays."
                    : "No process is active; the run starts when a process is. Ctrl+C ends the wait, and the run stays.");
            }

            await Task.Delay(pause, clock, cancellationToken);
            pause = pause * 2 < LastPause ? pause * 2 : LastPause;
        }
    }
}
