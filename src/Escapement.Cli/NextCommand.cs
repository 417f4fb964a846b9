using System.CommandLine;
using System.Text;
using Escapement.Triggers;

namespace Escapement.Cli;

/// <summary>The command <c>escapement next</c>: prints the next fire times of an expression, or of the requests on
/// standard input.</summary>
static class NextCommand
{
    public static Command Create(TimeProvider clock)
    {
        var command = new Command("next", "Shows the next fire times of a trigger, or answers requests as JSON lines.");
        var arguments = new TriggerArguments(command);
        var json = new Option<bool>(
            "--json")
        {
            Description =
            "Answer as JSON. Without a trigger: read requests as JSON lines from standard input and answer a line for a line."
        };
        command.Add(json);
        command.SetAction(parsed =>
        {
            if (arguments.HasTrigger(parsed))
            {
                var (trigger, from, count) = arguments.Read(parsed, clock);
                return Print(trigger, from, count, parsed.GetValue(json));
            }

            if (!parsed.GetValue(json))
            {
                return StandardError.Refuse(
                    "Give a trigger, or --json to read requests from standard input. Example: escapement next \"0 9 * * mon-fri\" --zone Europe/Berlin");
            }

            if (arguments.HasAny(parsed))
            {
                return StandardError.Refuse("--json without a trigger reads everything from standard input; give it no other option.");
            }

            return AnswerLines(clock);
        });
        return command;
    }

    static int Print(Trigger trigger, DateTimeOffset from, int count, bool asJson)
    {
        using var output = new Output();
        var fireTimes = NextRequest.FireTimes(trigger, from, count).Select(IsoTime.Format);
        if (asJson)
        {
            output.Document(Output.Json with { Indented = false }, writer =>
            {
                writer.WriteStartObject();
                writer.WriteStartArray("next");
                foreach (var fireTime in fireTimes) writer.WriteStringValue(fireTime);
                writer.WriteEndArray();
                writer.WriteEndObject();
            });
            return ExitCode.Done;
        }

        foreach (var fireTime in fireTimes) output.Line(fireTime);
        if (NeverFires.Why(trigger, from, Languages.Read(null)) is { } why) StandardError.Say(why);
        return ExitCode.Done;
    }

    static int AnswerLines(TimeProvider clock)
    {
        using var input = new StreamReader(StandardInput.Open(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            detectEncodingFromByteOrderMarks: true);
        using var output = StandardOutput.Open();
        while (input.ReadLine() is { } line)
        {
            // Answers line by line, because the caller may wait for an answer before sending the next request.
            output.Write(NextRequest.Answer(line, clock.GetUtcNow()));
        }

        return ExitCode.Done;
    }
}
