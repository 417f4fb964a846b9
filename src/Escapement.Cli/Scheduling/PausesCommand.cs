using System.CommandLine;
using System.Text.Json;

namespace Escapement.Cli.Scheduling;

/// <summary>The command <c>escapement pauses</c>: lists the pauses of everything, of tags, of executors and of jobs.</summary>
static class PausesCommand
{
    public static Command Create(TimeProvider clock)
    {
        Command command = new("pauses", "Lists the pauses that last, or with --since the pauses of a time span.");
        SpanOptions span = new(command);
        SourceOptions options = new(command, clock);
        command.SetAction(parsed =>
        {
            var request = span.Read(parsed, clock);
            return options.Run(parsed, async (source, output, cancellationToken) =>
            {
                var pauses = await source.PausesAsync(request, cancellationToken);
                if (options.IsJson(parsed)) output.Document(Output.Json, pauses.WriteTo);
                else Print(output, pauses);
                return ExitCode.Done;
            });
        });
        return command;
    }

    static void Print(Output output, JsonElement pauses)
    {
        Table table = new(output, "SCOPE", "NAME", "BY", "SINCE", "UNTIL", "JOBS");
        TimeText time = new(table.IsForPeople);
        foreach (var pause in pauses.Items())
        {
            var (ended, until, reason) = (pause.Text("ended"), pause.Text("until"), pause.Text("reason"));
            if (table.IsForPeople)
            {
                table.AddWithNote(ended.Length > 0 ? reason.Length > 0 ? "ended: " + reason : "ended" : reason, pause.Text("scope"),
                    pause.Text("name"), pause.Text("by"), time.Here(pause.Text("at")), time.Here(ended.Length > 0 ? ended : until),
                    pause.Text("jobs"));
            }
            else
            {
                table.Add(pause.Text("scope"), pause.Text("name"), pause.Text("by"), pause.Text("at"), until, ended, pause.Text("jobs"), reason,
                    pause.Text("sentence"));
            }
        }

        if (table.IsForPeople && pauses.GetArrayLength() == 0) output.Line("No pauses.");
        table.Print();
    }
}
