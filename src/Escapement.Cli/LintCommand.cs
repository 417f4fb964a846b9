using System.CommandLine;
using Escapement.Cli.Lint;
using Escapement.Triggers;

namespace Escapement.Cli;

/// <summary>The command <c>escapement lint</c>: finds errors and surprises in the triggers of a file.</summary>
static class LintCommand
{
    const string Auto = "auto", Arguments = "arguments";

    public static Command Create(TimeProvider clock)
    {
        var inputs = new Argument<string[]>("input")
        {
            Description = "A crontab, an appsettings file, YAML, a file with a trigger in each line, - for standard input, or a trigger in quotes.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var format = new Option<string?>(
            "--format")
        {
            Description = "What the inputs are: crontab, settings, yaml or list. Default: seen from name and content.",
            HelpName = "format"
        };
        var users = new Option<bool>(
            "--user-column")
        {
            Description =
            "Crontabs have a user before the command, as /etc/crontab and /etc/cron.d do. Default: seen from name and content."
        };
        var zone = new Option<string?>(
            "--zone")
        {
            Description = "The time zone where the input names none, an IANA name. Default: the machine's.",
            HelpName = "zone"
        };
        var from = new Option<string?>("--from")
        {
            Description = "The instant from which on triggers are judged. Default: now.",
            HelpName = "date"
        };
        var jobId = new Option<string?>(
            "--job-id")
        { Description = "The job's id, from which H takes its value. Default: one that stands for any.", HelpName = "id" };
        var strict = new Option<bool>("--strict") { Description = "Warnings are errors." };
        var json = new Option<bool>("--json") { Description = "Answer as one JSON document." };
        var command = new Command("lint",
            "Finds what is wrong with triggers, and what surprises people, in a crontab, a settings file or a list.") { inputs, format,
            users, zone, from, jobId, strict, json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(inputs) is not [_, ..] given)
            {
                return StandardError.Refuse(
                    "Give an input: a crontab, an appsettings file, a list of triggers, - for standard input, or a trigger in quotes.");
            }

            var kind = parsed.GetValue(format) ?? Auto;
            if (kind is not (Auto or InputKinds.Crontab or InputKinds.Settings or InputKinds.Yaml or InputKinds.List))
            {
                return StandardError.Refuse($"--format: '{kind}' is not known: crontab, settings, yaml and list are.");
            }

            var (where, now) = TriggerArguments.ZoneAndStart(parsed.GetValue(zone), parsed.GetValue(from), clock);
            var job = NextRequest.Job(parsed.GetValue(jobId), "--job-id");
            return Lint(given, source =>
                Read(source, kind, parsed.GetValue(users), new(where, now, job)), parsed.GetValue(strict), parsed.GetValue(json));
        });
        return command;
    }

    static int Lint(string[] inputs, Func<Source, LintRun> read, bool isStrict, bool asJson)
    {
        List<Finding> findings = [];
        var (triggers, taken, refused) = (0, 0, 0);
        // The triggers on the command line form a single input, with a trigger per line.
        var expressions = inputs.Where(IsExpression).ToList();
        foreach (var input in inputs.Where(input => !IsExpression(input)).Prepend(null))
        {
            if (input is null && expressions.Count == 0) continue;
            try
            {
                var run = read(input is null ? new(Arguments,
                    string.Join('\n', expressions.Select(expression => expression.ReplaceLineEndings(" ")))) : InputFile.Read(input));
                findings.AddRange(run.Findings);
                triggers += run.Triggers;
                taken++;
                foreach (var sentence in run.Sentences) StandardError.Say($"{input}: {sentence}");
                if (run.Triggers == 0 && !run.Findings.Any()) StandardError.Say($"{input}: there is no trigger in it.");
            }
            catch (FormatException failure)
            {
                refused++;
                StandardError.Say(failure.Message);
            }
        }

        using var output = new Output();
        if (asJson) LintReport.Write(findings, triggers, output, isStrict);
        else LintReport.Print(findings, output, isStrict);
        output.Writer.Flush();
        var errors = findings.Count(finding => LintReport.IsError(finding, isStrict));
        StandardError.Say($"{Counted(triggers, "trigger")} in {Counted(taken, "input")}: {Counted(errors, "error")}, {Counted(findings.Count - errors, "warning")}{(refused > 0 ? $"; {Counted(refused, "input")} could not be read" : "")}.");
        return refused > 0 ? ExitCode.WrongCommandLine : errors > 0 ? ExitCode.BadNews : ExitCode.Done;
    }

    static LintRun Read(Source source, string kind, bool hasUsers, LintRun run)
    {
        if (source.Name == Arguments) kind = InputKinds.List;
        else if (kind == Auto) kind = InputKinds.Of(source);
        if (kind == InputKinds.Foreign)
        {
            InputKinds.Refuse(source, run);
            return run;
        }

        LintRules.Check(kind switch
        {
            InputKinds.Settings => SettingsReader.Read(source, run),
            InputKinds.Yaml => KeysReader.Read(YamlReader.Read(source, run), run),
            InputKinds.Crontab => CrontabReader.Read(source, run, hasUsers),
            _ => ListReader.Read(source, run),
        }, run);
        return run;
    }

    // Real paths do not look like expressions, and the name of an existing file is never taken for an expression.
    static bool IsExpression(string input) => input != "-" && !File.Exists(input) && !Directory.Exists(input)
        && (input.Trim().Contains(' ', StringComparison.Ordinal) || input.TrimStart().StartsWith('@')
        || CronField.All.Any(field => input.TrimStart().StartsWith(field.Name + "=", StringComparison.Ordinal)));

    static string Counted(int number, string noun) => $"{number} {noun}{(number == 1 ? "" : "s")}";
}
