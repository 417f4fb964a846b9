namespace Escapement.Cli;

/// <summary>Messages of the tool to standard error.</summary>
static class StandardError
{
    /// <summary>Writes the reason why a command line is refused.</summary>
    /// <returns>The exit code.</returns>
    public static int Refuse(string message)
    {
        Say(message);
        return ExitCode.WrongCommandLine;
    }

    /// <summary>Writes a message. The message may quote input with control characters, which are replaced.</summary>
    public static void Say(string message)
    {
        var lines = message.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = DisplayText.Expand(lines[i]).Text;
            // The last two lines are the place and its carets, and must stay aligned.
            var isWhole = Console.IsErrorRedirected || (lines.Length > 2 && i >= lines.Length - 2);
            foreach (var part in isWhole
                ? [line]
                : DisplayText.Wrap(line, Output.Columns() is { } width ? Math.Max(20, width - 1) : int.MaxValue))
            {
                Console.Error.WriteLine(part);
            }
        }
    }
}
