using System.CommandLine;
using System.Text.Json;

namespace Escapement.Cli.Scheduling;

/// <summary>The command <c>escapement jobs</c>: lists the jobs.</summary>
static class JobsCommand
{
    public static Command Create(TimeProvider clock)
    {
        Command command = new("jobs", "Lists the jobs, with the next fire time and a pause.");
        SourceOptions options = new(command, clock);
        command.SetAction(parsed => options.Run(parsed, async (source, output, cancellationToken) =>
        {
            var jobs = await source.JobsAsync(cancellationToken);
            if (options.IsJson(parsed)) output.Document(Output.Json, jobs.WriteTo);
            else Print(output, jobs, await source.PausesAsync(SpanRequest.Now, cancellationToken));
            return ExitCode.Done;
        }));
        return command;
    }

    static void Print(Output output, JsonElement jobs, JsonElement pauses)
    {
        Pauses.SayAll(pauses);
        Table table = new(output, "JOB", "HANDLER", "NEXT FIRE TIME", "STATE");
        TimeText time = new(table.IsForPeople);
        foreach (var job in jobs.Items())
        {
            var (state, note) = State(job, pauses);
            table.AddWithNote(note, job.Text("id"), job.Text("func"), time.Full(job.Text("next_run_time")), state);
        }

        if (table.IsForPeople && jobs.GetArrayLength() == 0) output.Line("No jobs.");
        table.Print();
    }

    static (string State, string Note) State(JsonElement job, JsonElement pauses)
    {
        if (job.Text("error") is { Length: > 0 } error) return ("error", error);
        var pause = Pauses.Holding(pauses, job);
        var isPaused = pause.ValueKind == JsonValueKind.Object;
        if (job.Text("trigger") is not { Length: > 0 })
            return isPaused && pause.Text("scope") == "job" ? ("paused", pause.Text("sentence")) : ("on request", "");
        // The pause of a job may have ended between the two questions, and a job without a next fire time is paused.
        return isPaused ? ("paused", pause.Text("sentence")) : (job.Text("next_run_time").Length > 0 ? "scheduled" : "paused", "");
    }
}
