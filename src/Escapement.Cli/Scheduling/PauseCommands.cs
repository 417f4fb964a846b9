using System.CommandLine;
using System.Text.Json;
using Escapement.Hosting;
using Escapement.Triggers;

namespace Escapement.Cli.Scheduling;

/// <summary>The commands <c>escapement pause</c> and <c>escapement resume</c>, for a job, a tag, an executor or everything.</summary>
static class PauseCommands
{
    public static Command CreatePause(TimeProvider clock)
    {
        Option<string?> until = new("--until") { Description = "The end of the pause: 30m, 2h or 7d from now, or a date. Default: until resume.", HelpName = "time" };
        return Create("pause", "Pauses a job, the jobs of a tag or an executor, or everything.", clock, until);
    }

    public static Command CreateResume(TimeProvider clock) =>
        Create("resume", "Ends the pause of a job, a tag, an executor, or everything.", clock, until: null);

    static Command Create(string name, string description, TimeProvider clock, Option<string?>? until)
    {
        Argument<string?> job = new("job") { Description = "The job.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> tag = new("--tag") { Description = "The jobs with this tag, also jobs that get the tag later.", HelpName = "tag" };
        Option<string?> executor = new("--executor") { Description = "The jobs of this executor.", HelpName = "name" };
        Option<bool> all = new("--all") { Description = "Everything, also jobs that are added later." };
        Command command = new(name, description) { job, tag, executor, all };
        NoteOptions notes = new(command);
        if (until is not null) command.Add(until);
        SourceOptions options = new(command, clock);
        command.SetAction(parsed =>
        {
            PauseTarget[] targets =
            [
                .. parsed.GetValue(job) is { } one ? (PauseTarget[])[new("job", one)] : [],
                .. parsed.GetValue(tag) is { } jobs ? (PauseTarget[])[new("tag", jobs)] : [],
                .. parsed.GetValue(executor) is { } runner ? (PauseTarget[])[new("executor", runner)] : [],
                .. parsed.GetValue(all) ? (PauseTarget[])[new("all", null)] : [],
            ];
            if (targets is not [var target])
            {
                return StandardError.Refuse(targets is []
                    ? $"Give what to {name}: a job, --tag, --executor or --all."
                    : $"Give one thing to {name}: a job, --tag, --executor or --all.");
            }

            var note = notes.Note(parsed, until is null ? null : End(parsed.GetValue(until), clock));
            return options.Run(parsed, async (source, output, cancellationToken) =>
            {
                var lasting = await source.PausesAsync(SpanRequest.Now, cancellationToken);
                var wasPaused = until is not null || Pauses.Of(lasting, target.Kind, target.Name).ValueKind == JsonValueKind.Object;
                var answer = until is null
                    ? await source.ResumeAsync(target, note, cancellationToken)
                    : await source.PauseAsync(target, note, cancellationToken);
                var hasEnded = answer.Text("ended").Length > 0;
                if (options.IsJson(parsed)) output.Document(Output.Json, writer => Write(writer, name, target, note, wasPaused, answer));
                else if (wasPaused && (until is null || !hasEnded)) output.Line(until is null ? $"Resumed {Shown(target)}." : $"Paused {Shown(target)}{Until(note, output)}.");
                if (!wasPaused) StandardError.Say($"{Capital(Shown(target))} was not paused. Nothing was changed.");
                if (hasEnded) StandardError.Say($"{Capital(Shown(target))} has no further fire time, and has ended.");
                foreach (var pause in answer.Items("held_by"))
                    StandardError.Say($"{Capital(Shown(target))} is still held: {pause.Text("sentence")}.");
                if (target.Kind is "tag" or "executor")
                    StandardError.Say(Counted(answer.Number("jobs"), answer.Number("held"), Shown(target), until is null));
                return ExitCode.Done;
            });
        });
        return command;
    }

    /// <summary>Returns the end of a pause: a duration from now as an instant, and any other text as it was given.</summary>
    static string? End(string? text, TimeProvider clock) =>
        text?.Trim() is { Length: > 1 } given && char.IsAsciiLetterLower(given[^1]) && DurationText.TryParse(given, out var ahead)
        && ahead < DateTimeOffset.MaxValue - clock.GetUtcNow()
            ? IsoTime.Format(clock.GetUtcNow() + ahead)
            : text;

    static string Until(NoteRequest note, Output output) =>
        note.Until is { Length: > 0 } end ? $" until {new TimeText(output.Width is not null).Here(end)}" : "";

    // Also a tag without jobs can be paused: for jobs that get the tag later.
    static string Counted(long jobs, long held, string scope, bool isResume) => (jobs, held) switch
    {
        (0, _) => $"There is no job of {scope} now.",
        (_, 0) => $"No job of {scope} is held now ({jobs} in all).",
        _ => $"{held} of {jobs} {(jobs == 1 ? "job" : "jobs")} of {scope} {(held == 1 ? "is" : "are")} "
            + (isResume ? "still held; escapement jobs says by what." : "held now."),
    };

    static string Shown(PauseTarget target) => target.Kind == "all" ? "everything" : $"{target.Kind} {DisplayText.Expand(target.Name!).Text}";

    static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    static void Write(Utf8JsonWriter writer, string command, PauseTarget target, NoteRequest note, bool isChanged, JsonElement answer)
    {
        writer.WriteStartObject();
        writer.WriteString("done", command);
        writer.WriteString("scope", target.Kind);
        writer.WriteString("name", target.Name);
        writer.WriteString("by", note.By);
        writer.WriteString("reason", note.Why);
        writer.WriteString("until", note.Until);
        writer.WriteBoolean("changed", isChanged);
        foreach (var more in (string[])["ended", "held_by", "jobs", "held"])
        {
            if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty(more, out var value)) continue;
            writer.WritePropertyName(more);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}
