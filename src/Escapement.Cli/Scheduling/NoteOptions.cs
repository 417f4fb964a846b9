using System.CommandLine;

namespace Escapement.Cli.Scheduling;

/// <summary>The options of every command that changes something: the purpose and the author.</summary>
sealed class NoteOptions
{
    /// <summary>The option for the purpose.</summary>
    public const string Why = "--why";

    readonly Option<string?> why = new(Why) { Description = "The purpose, for people.", HelpName = "text" };

    readonly Option<string?> by = new("--by") { Description = "The author. Default: the user's name.", HelpName = "name" };

    public NoteOptions(Command command)
    {
        command.Add(why);
        command.Add(by);
    }

    /// <summary>Returns the author, by default the name of the user, and the purpose.</summary>
    public NoteRequest Note(ParseResult parsed, string? until = null) =>
        new(parsed.GetValue(by) ?? Environment.UserName, parsed.GetValue(why), until);
}
