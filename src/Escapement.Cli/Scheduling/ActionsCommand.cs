using System.CommandLine;
using System.Text.Json;

namespace Escapement.Cli.Scheduling;

/// <summary>The command <c>escapement actions</c>: lists the recorded changes, newest first.</summary>
static class ActionsCommand
{
    public static Command Create(TimeProvider clock)
    {
        Argument<string?> job = new("job") { Description = "Only changes of this job.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> since = new("--since")
        {
            Description = "Only changes from this time on: 10m, 24h, 7d, a date or an instant.",
            HelpName = "time",
        };
        Option<string?> until = new("--until") { Description = "Only changes before this time.", HelpName = "time" };
        var limit = LimitOption.Create();
        Command command = new("actions", "Lists who changed what, when and from where, newest first.") { job, since, until, limit };
        SourceOptions options = new(command, clock);
        command.SetAction(parsed =>
        {
            SpanText.Check(clock.GetUtcNow(), since.Name, parsed.GetValue(since), until.Name, parsed.GetValue(until));
            ActionsRequest request = new(parsed.GetValue(job), parsed.GetValue(since), parsed.GetValue(until),
                LimitOption.Read(parsed.GetValue(limit)));
            return options.Run(parsed, async (source, output, cancellationToken) =>
            {
                var (actions, more) = await source.ActionsAsync(request, cancellationToken);
                if (options.IsJson(parsed)) output.Document(Output.Json, actions.WriteTo);
                else Print(output, actions);
                output.Writer.Flush();
                if (more is not null) StandardError.Say(more);
                return ExitCode.Done;
            });
        });
        return command;
    }

    static void Print(Output output, JsonElement actions)
    {
        Table table = new(output, "AT", "CHANGE", "OF", "BY");
        TimeText time = new(table.IsForPeople);
        foreach (var action in actions.Items())
        {
            var (job, scope, name) = (action.Text("job_id"), action.Text("scope"), action.Text("name"));
            if (table.IsForPeople)
            {
                var of = (job, scope) switch
                {
                    ({ Length: > 0 }, _) => job,
                    (_, { Length: > 0 }) => $"{scope} {name}",
                    _ => "everything",
                };
                table.AddWithNote(Note(action, time), time.Here(action.Text("at")), action.Text("kind"), of, action.Text("by"));
            }
            else
            {
                table.Add(action.Text("at"), action.Text("kind"), job, scope, name, action.Text("by"), action.Text("reason"),
                    action.Text("origin"), action.Text("until"), action.Text("next_before"), action.Text("next_after"),
                    Compact(action, "before"), Compact(action, "after"));
            }
        }

        if (table.IsForPeople && actions.GetArrayLength() == 0) output.Line("No changes.");
        table.Print();
    }

    /// <summary>Returns the origin, the purpose, the end of a pause, the next fire times, and each changed field before and after.</summary>
    static string Note(JsonElement action, TimeText time)
    {
        List<string> parts = [];
        var (origin, reason, until) = (action.Text("origin"), action.Text("reason"), action.Text("until"));
        if (origin.Length + reason.Length > 0) parts.Add((origin, reason) is ({ Length: > 0 }, { Length: > 0 }) ? $"{origin}: {reason}" : origin + reason);
        if (until.Length > 0) parts.Add("until " + time.Here(until));
        var (from, to) = (action.Text("next_before"), action.Text("next_after"));
        if (from != to) parts.Add($"next fire time: {Or(time.Here(from))} -> {Or(time.Here(to))}");
        var (before, after) = (action.Object("before"), action.Object("after"));
        // A new job has no fields before.
        if (before.ValueKind == JsonValueKind.Object)
        {
            foreach (var name in Names(before).Union(Names(after)))
                parts.Add($"{name}: {Or(Compact(before, name))} -> {Or(Compact(after, name))}");
        }

        return string.Join(", ", parts);
    }

    static IEnumerable<string> Names(JsonElement fields) =>
        fields.ValueKind == JsonValueKind.Object ? fields.EnumerateObject().Select(field => field.Name) : [];

    static string Or(string value) => value.Length > 0 ? value : "none";

    /// <summary>Returns a field, with a list or an object as JSON on a single line.</summary>
    static string Compact(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value)
            && value.ValueKind is JsonValueKind.Object or JsonValueKind.Array
            ? JsonSerializer.Serialize(value, Line)
            : element.Text(name);

    static readonly JsonSerializerOptions Line = new() { Encoder = Output.Json.Encoder };
}
