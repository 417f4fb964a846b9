using System.Text.RegularExpressions;
using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>Reads line-based inputs: crontabs, and lists of expressions.</summary>
static partial class LineReaders
{
    static readonly string[] LimitWords = ["except", "from", "until", "in", "times", "since", "jitter"];

    [GeneratedRegex(@"^\s*[""']?([A-Za-z_][A-Za-z0-9_]*)[""']?\s*=\s*(.*?)\s*$")]
    private static partial Regex Assignment { get; }

    [GeneratedRegex(@"^\s*(?:CRON_)?TZ=\S+(?:\s+[\d*@H?]\S*)(?:\s+\S+){4,}\s*$")]
    private static partial Regex ZoneInFront { get; }

    [GeneratedRegex(@"\$(?:\w+|\{[^}]*\}|\([^)]*\))|`[^`]*`")]
    private static partial Regex Expansion { get; }

    [GeneratedRegex(@"^(?:[\d*?][\d*?,/#LW-]*|L|LW|L-\d+|(?:sun|mon|tue|wed|thu|fri|sat|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:[-,#/L]\w*)*)$", RegexOptions.IgnoreCase)]
    private static partial Regex FieldPattern { get; }

    [GeneratedRegex(@"(?<!\\)%")]
    private static partial Regex Percent { get; }

    /// <summary>Returns true for a crontab: five fields with a command behind them, or variables.</summary>
    public static bool IsCrontab(Source source) => Content(source).Any(line =>
    {
        var text = source.Lines[line];
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
        // Only a crontab has so many words and begins with a minute, even if the remaining fields are wrong.
        if (text[tokens[0].Start] == '@') return tokens.Count > 1;
        return tokens.Count > 6 ? char.IsAsciiDigit(text[tokens[0].Start]) || text[tokens[0].Start] == '*' : tokens.Count == 6
            && LintRun.CanBeRead(text[tokens[0].Start..tokens[4].End]);
    });

    /// <summary>Returns true if a user precedes the command, as in /etc/crontab and /etc/cron.d.</summary>
    public static bool HasUsers(Source source) =>
        Path.GetFullPath(source.Name) is var path && (path == "/etc/crontab" || path.StartsWith("/etc/cron.d/", StringComparison.Ordinal))
        || Content(source).Any(line =>
            LintedTrigger.Tokens(source.Lines[line]) is var tokens && Command(source.Lines[line], tokens) is { } at && tokens.Count > at + 1
            && source.Lines[line][tokens[at].Start..tokens[at].End] == "root");

    /// <summary>
    /// Reads a list with an expression in each line.
    /// Empty lines and comments, which begin with a # at the beginning of a word, are skipped.
    /// </summary>
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

    /// <summary>
    /// Reads a crontab: lines of five fields or a word, a user in the system form, and a command, and lines with
    /// variables.
    /// A zone variable applies from its line on.
    /// </summary>
    public static IReadOnlyList<LintedTrigger> Crontab(Source source, LintRun run, bool hasUsers)
    {
        List<LintedTrigger> triggers = [];
        // Null after an unknown zone. The lines below are then checked without a zone.
        ZoneClock? zone = run.Zone;
        foreach (var line in Content(source))
        {
            var text = source.Lines[line];
            if (Assignment.Match(text) is { Success: true } assignment)
            {
                var whole = new Place(source, line, 0, text.Length);
                if (ZoneInFront.IsMatch(text))
                {
                    run.Error(whole, "A zone stands in front of the expression. In a crontab CRON_TZ=ZONE is a line of its own above the lines for which it holds.");
                }
                else if (assignment.Groups[1].Value == "CRON_TZ")
                {
                    zone = ReadZone(assignment.Groups[2], whole, run);
                }
                else
                {
                    Variable(assignment, whole, run);
                }

                continue;
            }

            CrontabTraps(text, line, source, run);
            var tokens = LintedTrigger.Tokens(text);
            var isWord = text[tokens[0].Start] == '@';
            var (start, end) = (tokens[0].Start, isWord ? tokens[0].End : tokens[Math.Min(4, tokens.Count - 1)].End);
            var place = new Place(source, line, start, end - start);
            if (string.Equals(text[start..end], "@every", StringComparison.OrdinalIgnoreCase))
            {
                run.Error(place, "@every is the form of Go's cron packages for an interval, which no Unix cron knows: write a step, for example */5 * * * *.");
                continue;
            }

            if (string.Equals(text[start..end], "@reboot", StringComparison.OrdinalIgnoreCase))
            {
                run.Error(place, "@reboot runs a command when the machine starts, which is no time that a trigger could name. Do it where the program starts.");
                continue;
            }

            if (run.Cron(text[start..end], place, zone ?? ZoneClock.Utc) is not { } linted) continue;
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

        if (source.Text.Length > 0 && source.Lines[^1].AsSpan().Trim().Length > 0)
        {
            run.Warn(new(source, source.Lines.Count - 1, source.Lines[^1].Length, 1), "no-final-newline",
                "The last line has no newline at its end: cron ignores such a line, or the whole file.", "End the file with a newline.");
        }

        return triggers;
    }

    // Warns about values that a shell would change, but cron takes literally.
    static void Variable(Match assignment, Place line, LintRun run)
    {
        var value = assignment.Groups[2];
        if (assignment.Groups[1].Value == "TZ")
        {
            run.Warn(line, "tz-in-crontab",
                "TZ is given to the commands and does not move the schedule: the cron of Unix reads the lines below in its own zone.",
                "cronie takes CRON_TZ=ZONE for the schedule; other crons run in the machine's zone.");
            try
            {
                ZoneClock.Get(value.Value.Trim('"', '\''));
            }
            catch (ZoneNameException failure)
            {
                run.Error(line.Part(value.Index, value.Length), failure.Message);
            }
        }
        else if (Expansion.Match(value.Value) is { Success: true } expansion)
        {
            run.Warn(line.Part(value.Index + expansion.Index, expansion.Length), "no-expansion",
                $"cron does not replace {expansion.Value}: the value is taken as it is written.",
                    "Write the value in full, or set it in the command.");
        }

        if (value.Value.EndsWith('\\')) Continuation(line.Part(value.Index + value.Length - 1, 1), run);
    }

    static void CrontabTraps(string text, int line, Source source, LintRun run)
    {
        if (text.EndsWith('\\')) Continuation(new(source, line, text.Length - 1, 1), run);
        var tokens = LintedTrigger.Tokens(text);
        var fields = tokens.TakeWhile(token => IsField(text[token.Start..token.End])).Count();
        if (fields <= 5) return;
        run.Warn(new(source, line, tokens[5].Start, tokens[fields - 1].End - tokens[5].Start), "field-count",
            $"The line has {fields} fields. The cron of Unix reads five of them, and takes the rest for the command: {text[tokens[5].Start..]}",
            "Leave out the second and the year.");
    }

    static void Continuation(Place place, LintRun run) =>
        run.Warn(place, "no-continuation",
            "cron does not join lines: the backslash belongs to this line, and the next line is read by itself.",
            "Write the command on one line, or put it in a script.");

    // Nobody names a command like this: a number, a star, a question mark, or several days by name.
    static bool IsField(string text) => FieldPattern.IsMatch(text);

    static IEnumerable<int> Content(Source source) => Enumerable.Range(0, source.Lines.Count)
        .Where(line => source.Lines[line].AsSpan().Trim() is var text && text.Length > 0 && text[0] != '#');

    // Returns the index of the first token behind the fields, the user or the command. Null for a line of fields alone.
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
