using System.CommandLine;
using System.Text.Json;

namespace Escapement.Cli.Scheduling;

/// <summary>The command <c>escapement skip</c>: skips the next fire time of a job.</summary>
static class SkipCommand
{
    public static Command Create(TimeProvider clock)
    {
        Argument<string> job = new("job") { Description = "The job." };
        Command command = new("skip", "Skips the next fire time of a job.") { job };
        NoteOptions notes = new(command);
        SourceOptions options = new(command, clock);
        command.SetAction(parsed =>
        {
            var id = parsed.GetValue(job)!;
            var note = notes.Note(parsed);
            return options.Run(parsed, async (source, output, cancellationToken) =>
            {
                var skipped = await source.SkipAsync(id, note, cancellationToken);
                if (options.IsJson(parsed)) output.Document(Output.Json, skipped.WriteTo);
                else Print(output, skipped, await ActionAsync(source, id, cancellationToken));
                return ExitCode.Done;
            });
        });
        return command;
    }

    /// <summary>Returns the record of the newest skip, which names the skipped fire time.</summary>
    static async Task<JsonElement> ActionAsync(SchedulerSource source, string job, CancellationToken cancellationToken) =>
        (await source.ActionsAsync(new(job, Limit: 10), cancellationToken)).Actions.Items()
            .FirstOrDefault(action => action.Text("kind") == "skipped_next");

    static void Print(Output output, JsonElement job, JsonElement action)
    {
        Table table = new(output, "JOB", "SKIPPED", "NEXT FIRE TIME");
        TimeText time = new(table.IsForPeople);
        table.Add(job.Text("id"), time.Here(action.Text("next_before")), time.Here(action.Text("next_after")));
        table.Print();
        if (job.Text("ended").Length > 0) StandardError.Say($"Job {job.Text("id")} has no further fire time, and has ended.");
    }
}
