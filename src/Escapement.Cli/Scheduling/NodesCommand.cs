using System.CommandLine;
using System.Text.Json;

namespace Escapement.Cli.Scheduling;

/// <summary>The command <c>escapement nodes</c>: lists the living processes, or the activations of a time span.</summary>
static class NodesCommand
{
    public static Command Create(TimeProvider clock)
    {
        Command command = new("nodes", "Lists the living processes, or with --since the activations of a time span.");
        SpanOptions span = new(command);
        SourceOptions options = new(command, clock);
        command.SetAction(parsed =>
        {
            var request = span.Read(parsed, clock);
            return options.Run(parsed, async (source, output, cancellationToken) =>
            {
                var isHistory = request.From is not null || request.To is not null;
                var (nodes, isCut) = isHistory
                    ? await source.HistoryAsync(request, cancellationToken)
                    : (await source.NodesAsync(cancellationToken), false);
                if (options.IsJson(parsed)) output.Document(Output.Json, nodes.WriteTo);
                else if (isHistory) PrintHistory(output, nodes);
                else Print(output, nodes, await source.PausesAsync(SpanRequest.Now, cancellationToken));
                output.Writer.Flush();
                if (isCut) StandardError.Say("There are earlier activations in the span. --to TIME continues before a time.");
                return ExitCode.Done;
            });
        });
        return command;
    }

    static void Print(Output output, JsonElement nodes, JsonElement pauses)
    {
        Pauses.SayAll(pauses);
        Table table = new(output, "PROCESS", "HOST", "ROLE", "STARTED", "URL");
        TimeText time = new(table.IsForPeople);
        foreach (var node in nodes.Items())
        {
            table.AddWithNote(node.Text("sentence"), node.Text("pid"), node.Text("host"), node.Text("role"),
                time.Here(node.Text("started_at")), node.Text("url"));
        }

        if (table.IsForPeople && nodes.GetArrayLength() == 0) output.Line("No process lives. --since 24h shows which processes were active.");
        table.Print();
    }

    static void PrintHistory(Output output, JsonElement activations)
    {
        Table table = new(output, "BEGUN", "ENDED", "PROCESS", "HOST");
        TimeText time = new(table.IsForPeople);
        foreach (var activation in activations.Items())
        {
            string[] cells = [time.Here(activation.Text("begun")), time.Here(activation.Text("ended")), activation.Text("pid"),
                activation.Text("host")];
            if (!table.IsForPeople) cells = [.. cells, activation.Text("how"), activation.Text("gap")];
            table.AddWithNote(activation.Text("sentence"), cells);
        }

        if (table.IsForPeople && activations.GetArrayLength() == 0) output.Line("No process was active.");
        table.Print();
    }
}
