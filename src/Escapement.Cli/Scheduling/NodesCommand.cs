using System.CommandLine;
using System.Text.Json;

namespace Escapement.Cli.Scheduling;

/// <summary>The command <c>escapement nodes</c>: lists the living processes.</summary>
static class NodesCommand
{
    public static Command Create(TimeProvider clock)
    {
        Command command = new("nodes", "Lists the living processes.");
        SourceOptions options = new(command, clock);
        command.SetAction(parsed => options.Run(parsed, async (source, output, cancellationToken) =>
        {
            var nodes = await source.NodesAsync(cancellationToken);
            if (options.IsJson(parsed)) output.Document(Output.Json, nodes.WriteTo);
            else Print(output, nodes);
            return ExitCode.Done;
        }));
        return command;
    }

    static void Print(Output output, JsonElement nodes)
    {
        Table table = new(output, "PROCESS", "HOST", "ROLE", "STARTED", "URL");
        TimeText time = new(table.IsForPeople);
        foreach (var node in nodes.Items())
        {
            table.AddWithNote(node.Text("sentence"), node.Text("pid"), node.Text("host"), node.Text("role"),
                time.Here(node.Text("started_at")), node.Text("url"));
        }

        if (table.IsForPeople && nodes.GetArrayLength() == 0) output.Line("No process lives.");
        table.Print();
    }
}
