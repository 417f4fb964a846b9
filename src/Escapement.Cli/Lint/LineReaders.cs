using System.Text.RegularExpressions;
using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>Reads inputs that are made of lines: crontabs, and lists of expressions.</summary>
static partial class LineReaders
{
    static readonly string[] LimitWords = ["except", "from", "until", "in", "times", "since", "jitter"];

    [GeneratedRegex(@"^\s*[""']?([A-Za-z_][A-Za-z0-9_]*)[""']?\s*=\s*(.*?)\s*$")]
    private static partial Regex Assignment { get; }

    [GeneratedRegex(@"(?<!\\)%")]
    private static partial Regex Percent { get; }

    /// <summary>Whether lines are those of a crontab: with commands after their five fields, or with variables.</summary>
    public static bool IsCrontab(Source source) => Content(source).Any(line =>
    {
        var text = source.Lines[line];
        // Fields by name are a trigger: day=last fri, hour=17.
        if (Assignment.Match(text) is { Success: true } assignment)
        {
            return !CronField.All.Any(field => field.Name == assignment.Groups[1].Value);
        }

        var tokens = LintedTrigger.Tokens(text).TakeWhile(token => text[token.Start] != '#').ToList();
        if (LintRun.CanBeRead(text[tokens[0].Start..tokens[^1].End])) return false;
        // What limits a trigger of ours, which stands where a crontab has its command.
        if (tokens.Skip(1).Any(token => LimitWords.Contains(text[token.Start..token.End], StringComparer.OrdinalIgnoreCase))) return false;
        // Nothing else has so many words and begins with a minute, be the rest as wrong as it may.
        if (text[tokens[0].Start] == '@') return tokens.Count > 1;
        return tokens.Count > 6 ? char.IsAsciiDigit(text[tokens[0].Start]) || text[tokens[0].Start] == '*' : tokens.Count == 6
            && LintRun.CanBeRead(text[tokens[0].Start..tokens[4].End]);
    });

    /// <summary>Whether the command follows a user: the form of /etc/crontab and /etc/cron.d.</summary>
    public static bool HasUsers(Source source) =>
        Path.GetFullPath(source.Name) is var path && (path == "/etc/crontab" || path.StartsWith("/etc/cron.d/", StringComparison.Ordinal))
        || Content(source).Any(line =>
            LintedTrigger.Tokens(source.Lines[line]) is var tokens && Command(source.Lines[line], tokens) is { } at && tokens.Count > at + 1
            && source.Lines[line][tokens[at].Start..tokens[at].End] == "root");

    /// <summary>A list: an expression in each line; empty lines and what follows a # at the beginning of a word are passed over.</summary>
    public static IReadOnlyList<LintedTrigger> List(Source source, LintRun run)
    {
        List<LintedTrigger> triggers = [];
        foreach (var line in Content(source))
        {
            var tokens = LintedTrigger.Tokens(source.Lines[line]).TakeWhile(token => source.Lines[line][token.Start] != '#').ToList();
            var (start, end) = (tokens[0].Start, tokens[^1].End);
            if (run.Text(source.Lines[line][start..end], new(source, line, start, end - start)) is { } linted) triggers.Add(linted);
        }

        return triggers;
    }

    /// <summary>A crontab: five fields or a word, a user where the form has one, a command; variables, of which the zone counts from its line on.</summary>
    public static IReadOnlyList<LintedTrigger> Crontab(Source source, LintRun run, bool hasUsers)
    {
        List<LintedTrigger> triggers = [];
        var zone = run.Zone;
        foreach (var line in Content(source))
        {
            var text = source.Lines[line];
            if (Assignment.Match(text) is { Success: true } assignment)
            {
                if (assignment.Groups[1].Value is "CRON_TZ" or "TZ")
                {
                    zone = ReadZone(assignment.Groups[2], new(source, line, 0, text.Length), run) ?? zone;
                }

                continue;
            }

            var tokens = LintedTrigger.Tokens(text);
            var isWord = text[tokens[0].Start] == '@';
            var (start, end) = (tokens[0].Start, isWord ? tokens[0].End : tokens[Math.Min(4, tokens.Count - 1)].End);
            var place = new Place(source, line, start, end - start);
            if (string.Equals(text[start..end], "@reboot", StringComparison.OrdinalIgnoreCase))
            {
                run.Error(place, "@reboot runs a command when the machine starts, which is no time that a trigger could name. Do it where the program starts.");
                continue;
            }

            if (run.Cron(text[start..end], place, zone) is not { } linted) continue;
            triggers.Add(linted);
            var command = Command(text, tokens)!.Value + (hasUsers ? 1 : 0);
            if (tokens.Count <= command)
            {
                run.Error(new(source, line, text.Length, 1), hasUsers && tokens.Count == command
                    ? "There is no command after the user."
                    : "There is no command after the expression.");
            }
            else if (Percent.Match(text, tokens[command].Start) is { Success: true } percent)
            {
                run.Warn(new(source, line, percent.Index, 1), "percent-in-command",
                    "In a crontab an unescaped % ends the command; what follows it is given to the command as its input.",
                    @"Write \% for the character itself.");
            }
        }

        return triggers;
    }

    static IEnumerable<int> Content(Source source) => Enumerable.Range(0, source.Lines.Count)
        .Where(line => source.Lines[line].AsSpan().Trim() is var text && text.Length > 0 && text[0] != '#');

    // At which token the command, or the user before it, stands; null when the line has only its fields.
    static int? Command(string line, List<(int Start, int End)> tokens) => line[tokens[0].Start] == '@' ? 1 : tokens.Count < 5 ? null : 5;

    static ZoneClock? ReadZone(Group value, Place line, LintRun run)
    {
        var name = value.Value.Trim('"', '\'');
        try
        {
            return ZoneClock.Get(name);
        }
        catch (ZoneNameException failure)
        {
            run.Error(line.Part(value.Index + value.Value.IndexOf(name, StringComparison.Ordinal), name.Length), failure.Message);
            return null;
        }
    }
}
