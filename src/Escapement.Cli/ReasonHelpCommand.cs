using System.CommandLine;
using Escapement.Hosting;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Cli;

/// <summary>The command <c>escapement help REASON</c>: what a reason means, why it happens, and what to do.</summary>
static class ReasonHelpCommand
{
    public static Command Create()
    {
        Argument<string?> name = new("reason")
        {
            Description = "A reason such as NoActiveNode. Without a reason, all reasons are listed.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string?> lang = new("--lang")
        {
            Description = "en or zh. Default: the environment's language (LC_ALL, LC_MESSAGES, LANG), else English.",
            HelpName = "en|zh",
        };
        Option<bool> json = new("--json") { Description = "Answer as JSON." };
        Command command = new("help", "Explains the reason for which a fire time did not run.") { name, lang, json };
        command.SetAction(parsed =>
        {
            var language = Languages.Read(parsed.GetValue(lang));
            Reason[] reasons = parsed.GetValue(name) is { } text ? [Find(text, parsed.RootCommandResult.Command)] : Enum.GetValues<Reason>();
            using Output output = new();
            if (parsed.GetValue(json)) Write(output, reasons, language);
            else Print(output, reasons, language);
            return ExitCode.Done;
        });
        return command;
    }

    static Reason Find(string text, Command root)
    {
        var names = Enum.GetNames<Reason>();
        if (Array.Find(names, known => string.Equals(known, text, StringComparison.OrdinalIgnoreCase)) is { } found)
        {
            return Enum.Parse<Reason>(found);
        }

        if (root.Subcommands.FirstOrDefault(command => command.Name == text) is { } command)
            throw new FormatException($"{text} is a command and not a reason. escapement {text} --help explains the command.");
        var nearest = Suggestion.Nearest(text, names, 3) is { } near ? $" Did you mean {near}?" : "";
        throw new FormatException($"'{Printable.Shown(text)}' is not a reason.{nearest} The reasons are {string.Join(", ", names)}.");
    }

    static void Print(Output output, Reason[] reasons, Language language)
    {
        if (reasons is [var one])
        {
            output.Line(output.Bold(one.ToString()));
            output.Paragraph(ReasonText.Meaning(one, language), indent: 2);
            output.Paragraph(ReasonText.Origin(one, language), indent: 2);
            if (ReasonText.Advice(one, language) is { Length: > 0 } advice) output.Paragraph(advice, indent: 2);
            return;
        }

        foreach (var reason in reasons)
        {
            if (output.Width is null)
            {
                output.Line($"{reason}\t{ReasonText.Meaning(reason, language)}");
                continue;
            }

            output.Line(output.Bold(reason.ToString()));
            output.Paragraph(ReasonText.Meaning(reason, language), indent: 2);
        }
    }

    static void Write(Output output, Reason[] reasons, Language language) => output.Document(Output.Json, writer =>
    {
        writer.WriteStartArray();
        foreach (var reason in reasons)
        {
            writer.WriteStartObject();
            writer.WriteString("reason", reason.ToString());
            writer.WriteString("kind", OutcomeWords.Of(ReasonText.KindOf(reason)));
            writer.WriteString("meaning", ReasonText.Meaning(reason, language));
            writer.WriteString("origin", ReasonText.Origin(reason, language));
            writer.WriteString("advice", ReasonText.Advice(reason, language));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });
}
