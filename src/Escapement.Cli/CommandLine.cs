using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Escapement.Cli.Scheduling;
using Escapement.Triggers;

namespace Escapement.Cli;

/// <summary>The command line of the tool: its commands, its help, and the messages for an invalid command
/// line.</summary>
static class CommandLine
{
    /// <summary>Runs a command line.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="IOException">The output cannot be written, or its reader has closed the pipe.</exception>
    public static int Run(IReadOnlyList<string> arguments, TimeProvider clock)
    {
        var root = Create(clock);
        // A word such as @daily is a trigger, not a file with further arguments.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (Wrong(parsed) is { } sentence) return StandardError.Refuse(sentence);
        using var output = new Output();
        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output.Writer });
        }
        catch (FormatException failure)
        {
            return StandardError.Refuse(DisplayText.UnderPlace(failure.Message));
        }
    }

    static RootCommand Create(TimeProvider clock)
    {
        var root = new RootCommand("The tool of Escapement, the job scheduler that runs each fire time once, or says why it did not.")
        {
            NextCommand.Create(clock),
            ExplainCommand.Create(clock),
            LintCommand.Create(clock),
            WhyCommand.Create(clock),
            AuditCommand.Create(clock),
            ReasonHelpCommand.Create(),
            JobsCommand.Create(clock),
            RunsCommand.Create(clock),
            NodesCommand.Create(clock),
            RunCommand.Create(clock),
            BackfillCommand.Create(clock),
            PauseCommands.CreatePause(clock),
            PauseCommands.CreateResume(clock),
            PausesCommand.Create(clock),
            SkipCommand.Create(clock),
            ActionsCommand.Create(clock),
            MigrateCommand.Create(clock),
        };
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            if (help.Action is HelpAction action) help.Action = new HelpWithExitCodes(action);
        }

        return root;
    }

    // Returns a sentence about the first error, or null if there is none.
    static string? Wrong(ParseResult parsed)
    {
        // A missing job does not matter to the help of a command.
        if (parsed.Action is HelpAction or HelpWithExitCodes) return null;
        // The completion of a shell gives the words before the cursor as a single argument.
        if (parsed.RootCommandResult.Command is RootCommand all && all.Directives.Any(directive => parsed.GetResult(directive) is not null)) return null;
        var command = parsed.CommandResult.Command;
        // An unknown command at the place of the first word makes each of its options unknown, too.
        if (command is RootCommand && parsed.UnmatchedTokens is [var first, ..] && !first.StartsWith('-')) return UnknownCommand(command, first);
        // The parser takes an unknown option for an argument where an argument is expected.
        var unknown = parsed.UnmatchedTokens.Concat(parsed.CommandResult.Tokens.Select(token => token.Value))
            .FirstOrDefault(token => token.StartsWith("--", StringComparison.Ordinal));
        if (unknown is not null && parsed.Tokens.All(token => token.Value != "--")) return UnknownOption(command, unknown);
        if (parsed.Errors.Count == 0) return null;
        if (command is RootCommand) return "Give a command. " + Known(command);
        return parsed.UnmatchedTokens is [var extra, ..]
            ? TooMany(command, extra)
            : parsed.Errors[0] is { SymbolResult: OptionResult { Option.Name: var name } option }
                ? WrongOption(command, name, option.Tokens.Count)
            : parsed.Errors[0] is { SymbolResult: ArgumentResult { Argument.Name: "job", Tokens: [] } }
                ? $"Give the job, as in escapement {command.Name} JOB. escapement jobs lists the jobs."
            : parsed.Errors[0].Message;
    }

    static string TooMany(Command command, string extra) =>
        $"'{extra}' is one argument too many. " + (command.Name is "next" or "explain" or "lint"
            ? $"An expression is one argument: put it in quotes, as in escapement {command.Name} \"0 9 * * mon-fri\"."
            : "Put a value with a space in quotes, and write a duration without one, such as 24h.");

    static string UnknownCommand(Command root, string word)
    {
        var nearest = Suggestion.Nearest(word, root.Subcommands.Select(sub => sub.Name), 3);
        return $"'{word}' is not a command.{(nearest is null ? "" : $" Did you mean {nearest}?")} {Known(root)}";
    }

    static string Known(Command root) =>
        $"The commands are {string.Join(", ", root.Subcommands.Select(sub => sub.Name))}; escapement --help tells more.";

    static string WrongOption(Command command, string name, int values) => values == 0
        ? $"{name} needs a value. escapement {command.Name} --help says which."
        : $"{name} stands there with {values} values; give it once, with one.";

    static string UnknownOption(Command command, string token)
    {
        var name = token.Split('=')[0];
        var options = command.Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options)
            .Where(option => option.Recursive)).Select(option => option.Name).ToList();
        // REST calls the purpose of a change its reason. The leading dashes would count as matching letters.
        var nearest = name is "--reason" && options.Contains(NoteOptions.Why) ? NoteOptions.Why
            : Suggestion.Nearest(name.TrimStart('-'), options.Select(option => option.TrimStart('-')), 3) is { } near
            ? "--" + near
            : null;
        var of = command is RootCommand ? "escapement" : command.Name;
        return $"{name} is not an option of {of}.{(nearest is null ? "" : $" Did you mean {nearest}?")} escapement {(command is RootCommand ? "" : command.Name + " ")}--help lists them.";
    }

    sealed class HelpWithExitCodes(HelpAction help) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var code = help.Invoke(parseResult);
            parseResult.InvocationConfiguration.Output.WriteLine(ExitCode.Help);
            return code;
        }
    }
}
