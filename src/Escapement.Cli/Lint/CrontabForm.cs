using System.Text.RegularExpressions;
using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>Recognizes crontabs and the parts of their lines.</summary>
static partial class CrontabForm
{
    static readonly string[] LimitWords = ["except", "from", "until", "in", "times", "since", "jitter"];

    [GeneratedRegex(@"^\s*[""']?([A-Za-z_][A-Za-z0-9_]*)[""']?\s*=\s*(.*?)\s*$")]
    public static partial Regex Assignment { get; }

    [GeneratedRegex(@"^\s*(?:CRON_)?TZ=\S+(?:\s+[\d*@H?]\S*)(?:\s+\S+){4,}\s*$")]
    public static partial Regex ZoneInFront { get; }

    [GeneratedRegex(@"^(?:-?[\d*?~][\d*?~,/#LW-]*|L|LW|L-\d+|(?:sun|mon|tue|wed|thu|fri|sat|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:[-,#/L~]\w*)*)$", RegexOptions.IgnoreCase)]
    private static partial Regex FieldPattern { get; }

    /// <summary>Returns true for a crontab: five fields with a command behind them, or variables.</summary>
    public static bool IsCrontab(Source source) => source.Content().Any(line => IsLine(source.Lines[line]));

    /// <summary>Returns true if a user precedes the command, as in /etc/crontab and /etc/cron.d.</summary>
    public static bool HasUsers(Source source) =>
        Path.GetFullPath(source.Name) is var path && (path == "/etc/crontab" || path.StartsWith("/etc/cron.d/", StringComparison.Ordinal))
        || source.Content().Any(line =>
            LintedTrigger.Tokens(source.Lines[line]) is var tokens && Command(source.Lines[line], tokens) is { } at && tokens.Count > at + 1
            && source.Lines[line][tokens[at].Start..tokens[at].End] == "root");

    /// <summary>
    /// Returns the index of the first token behind the fields, the user or the command. Null for a line of fields alone.
    /// </summary>
    public static int? Command(string line, List<(int Start, int End)> tokens) =>
        line.AsSpan(tokens[0].Start) is ['@', ..] or ['-', '@', ..] ? 1 : tokens.Count < 5 ? null : 5;

    /// <summary>
    /// Returns true for a text that nobody uses as a command: a number, a star, a question mark, or several days by name.
    /// </summary>
    public static bool IsField(string text) => FieldPattern.IsMatch(text);

    static bool IsLine(string text)
    {
        // A zone in front of an expression is no variable of a crontab.
        if (ZoneInFront.IsMatch(text)) return false;
        // An assignment to a field name is a trigger with named fields: day=last fri, hour=17.
        if (Assignment.Match(text) is { Success: true } assignment)
        {
            return !CronField.All.Any(field => field.Name == assignment.Groups[1].Value);
        }

        var tokens = LintedTrigger.Tokens(text).TakeWhile(token => text[token.Start] != '#').ToList();
        if (LintRun.CanBeRead(text[tokens[0].Start..tokens[^1].End])) return false;
        // The limits of an Escapement trigger stand in the position of a crontab's command.
        if (tokens.Skip(1).Any(token => LimitWords.Contains(text[token.Start..token.End], StringComparer.OrdinalIgnoreCase))) return false;
        // Expressions of other products with a second, a year or both, and intervals of Go.
        if (tokens.TrueForAll(token => IsField(text[token.Start..token.End])) && tokens.Count <= 7) return false;
        if (text[tokens[0].Start..].StartsWith("@every", StringComparison.OrdinalIgnoreCase)) return false;
        var start = tokens[0].Start;
        if (text[start] == '-' && start + 1 < text.Length) start++;
        // Only a crontab has so many words and begins with a minute, even if the remaining fields are wrong.
        if (text[start] == '@') return tokens.Count > 1;
        return tokens.Count > 6 ? char.IsAsciiDigit(text[start]) || text[start] is '*' or '~' : tokens.Count == 6
            && (LintRun.CanBeRead(text[start..tokens[4].End]) || tokens.Take(5).All(token => IsField(text[token.Start..token.End])));
    }
}
