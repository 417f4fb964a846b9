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
            else Print(output, jobs, await source.PauseOfAllAsync(cancellationToken));
            return ExitCode.Done;
        }));
        return command;
    }

    static void Print(Output output, JsonElement jobs, JsonElement all)
    {
        PauseText.SayAll(all);
        Table table = new(output, "JOB", "HANDLER", "NEXT FIRE TIME", "STATE");
        TimeText time = new(table.IsForPeople);
        foreach (var job in jobs.Items())
        {
            var (state, note) = State(job, all, time);
            table.AddWithNote(note, job.Text("id"), job.Text("func"), time.Full(job.Text("next_run_time")), state);
        }

        if (table.IsForPeople && jobs.GetArrayLength() == 0) output.Line("No jobs.");
        table.Print();
    }

    static (string State, string Note) State(JsonElement job, JsonElement all, TimeText time)
    {
        if (job.Text("error") is { Length: > 0 } error) return ("error", error);
        var pause = job.Object("paused");
        if (pause.ValueKind == JsonValueKind.Object) return ("paused", PauseText.Of(pause, time));
        if (job.Text("next_run_time") is { Length: > 0 })
        {
            return all.ValueKind == JsonValueKind.Object ? ("paused", "everything is " + PauseText.Of(all, time)) : ("scheduled", "");
        }

        // APScheduler's form of a pause without details is a job without a next fire time.
        return (job.Text("trigger") is { Length: > 0 } ? "paused" : "on request", "");
    }
}

/// <summary>Tells a pause on a line.</summary>
static class PauseText
{
    /// <summary>Returns a pause with its author, its beginning, its end and its purpose.</summary>
    public static string Of(JsonElement pause, TimeText time)
    {
        var until = pause.Text("until") is { Length: > 0 } end ? " until " + time.Full(end) : "";
        var by = pause.Text("by") is { Length: > 0 } author ? " by " + author : "";
        var why = pause.Text("reason") is { Length: > 0 } purpose ? ": " + purpose : "";
        return $"paused{by} since {time.Full(pause.Text("at"))}{until}{why}";
    }

    /// <summary>Says the pause of everything to standard error, if there is a pause.</summary>
    public static void SayAll(JsonElement all)
    {
        if (all.ValueKind == JsonValueKind.Object) StandardError.Say($"Everything is {Of(all, new(isForPeople: true))}");
    }
}
