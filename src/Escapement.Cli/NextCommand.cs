using System.CommandLine;
using System.Text;
using Escapement.Triggers;

namespace Escapement.Cli;

/// <summary><c>escapement next</c>: the next fire times of an expression, or of the requests on standard input.</summary>
static class NextCommand
{
    public static Command Create(TimeProvider clock)
    {
        var expression = new Argument<string?>("expression")
        {
            Description = "A cron expression of five or six fields, a word such as @daily, or another text form of a trigger: \"every 2 weeks at 09:30 except 22:00-06:00\".",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var zone = new Option<string?>("--zone") { Description = "The time zone, an IANA name. Default: the machine's." };
        var from = new Option<string?>("--from") { Description = "The first instant that may be shown, for example \"2041-05-06 07:08:09\". Default: now." };
        var count = new Option<int?>("--count") { Description = $"How many, 1 to {NextRequest.MaxCount}. Default: {NextRequest.DefaultCount}." };
        var jobId = new Option<string?>("--job-id") { Description = "The job's id, from which H takes its value." };
        var json = new Option<bool>("--json") { Description = "Read requests as JSON lines from standard input and answer a line for a line." };
        var command = new Command("next", "Shows the next fire times.") { expression, zone, from, count, jobId, json };
        command.SetAction(parsed =>
        {
            var text = parsed.GetValue(expression);
            if (parsed.GetValue(json))
            {
                if (text is not null || parsed.GetValue(zone) is not null || parsed.GetValue(from) is not null || parsed.GetValue(count) is not null || parsed.GetValue(jobId) is not null)
                {
                    return Refuse("--json reads everything from standard input; give it no expression and no other option.");
                }

                return AnswerLines(clock);
            }

            if (text is null) return Refuse("Give a cron expression, or --json to read requests from standard input. Example: escapement next \"0 9 * * mon-fri\" --zone Europe/Berlin");
            try
            {
                var where = parsed.GetValue(zone) is { } name ? NextRequest.Zone(name, "--zone") : ZoneClock.Local;
                var start = clock.GetUtcNow();
                if (parsed.GetValue(from) is { } instant && !IsoTime.TryParse(instant, where, out start, out _)) throw new FormatException($"--from: '{instant}' is not a date: {IsoTime.Allowed}.");
                var trigger = TriggerText.Parse(text, new(where, start, parsed.GetValue(jobId)));
                return Print(NextRequest.FireTimes(trigger, start, NextRequest.CheckCount(parsed.GetValue(count) ?? NextRequest.DefaultCount)));
            }
            catch (FormatException failure)
            {
                return Refuse(failure.Message);
            }
        });
        return command;
    }

    static int Refuse(string message)
    {
        Console.Error.WriteLine(message);
        return ExitCode.WrongCommandLine;
    }

    static int Print(IEnumerable<DateTimeOffset> fireTimes)
    {
        using var output = StandardOutput.Open();
        var any = false;
        foreach (var fireTime in fireTimes)
        {
            any = true;
            output.Write(Encoding.UTF8.GetBytes(IsoTime.Format(fireTime) + "\n"));
        }

        if (!any) Console.Error.WriteLine("It never fires again.");
        return ExitCode.Done;
    }

    static int AnswerLines(TimeProvider clock)
    {
        using var input = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), detectEncodingFromByteOrderMarks: true);
        using var output = StandardOutput.Open();
        while (input.ReadLine() is { } line)
        {
            // A line at a time: who asks may wait for the answer before the next question.
            output.Write(NextRequest.Answer(line, clock.GetUtcNow()));
        }

        return ExitCode.Done;
    }
}
