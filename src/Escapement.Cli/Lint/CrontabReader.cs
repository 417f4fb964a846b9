using System.Text.RegularExpressions;
using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>
/// Reads a crontab: lines of five fields or a word, a user in the system form, and a command, and lines with variables.
/// A zone variable applies from its line on.
/// </summary>
sealed partial class CrontabReader
{
    readonly Source source;
    readonly LintRun run;
    readonly bool hasUsers;
    readonly List<LintedTrigger> triggers = [];

    // Null after an unknown zone. The lines below are then checked without a zone.
    ZoneClock? zone;

    CrontabReader(Source source, LintRun run, bool hasUsers)
    {
        this.source = source;
        this.run = run;
        this.hasUsers = hasUsers;
        zone = run.Zone;
    }

    // cron knows no blanks except the space and the tab. The remaining characters are invisible.
    [GeneratedRegex(@"[^\S \t]|[\u00AD\u200B-\u200F\u2060\uFEFF]")]
    private static partial Regex Invisible { get; }

    [GeneratedRegex(@"\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*\}|\([A-Za-z][^)]*\))")]
    private static partial Regex Expansion { get; }

    [GeneratedRegex(@"\{\{|\{%|\{#|<%")]
    private static partial Regex Template { get; }

    [GeneratedRegex(@"(?<!\\)%")]
    private static partial Regex Percent { get; }

    public static IReadOnlyList<LintedTrigger> Read(Source source, LintRun run, bool hasUsers)
    {
        var reader = new CrontabReader(source, run, hasUsers || CrontabForm.HasUsers(source));
        reader.ReadFile();
        return reader.triggers;
    }

    void ReadFile()
    {
        if (source.HasByteOrderMark)
        {
            run.Error(new(source, 0, 0, 1), "The file begins with a byte order mark, which cron takes for the begin of the first line: cron rejects that line. Save the file as UTF-8 without the mark.");
        }

        if (source.WindowsLines is [var first, ..] all)
        {
            run.Error(new(source, first, source.Lines[first].Length, 1),
                $"The line ends as in Windows ({all.Count} {(all.Count == 1 ? "line does" : "lines do")}). cron adds the carriage return to the command, and rejects an empty line with a carriage return. Save the file with the line ends of Unix.");
        }

        for (var line = 0; line < source.Lines.Count; line++)
        {
            if (source.Lines[line].AsSpan().Trim(" \t") is { Length: > 0 } text && text[0] != '#') ReadLine(source.Lines[line], line);
        }

        if (source.Text.Length > 0 && source.Lines[^1].AsSpan().Trim().Length > 0)
        {
            run.Warn(new(source, source.Lines.Count - 1, source.Lines[^1].Length, 1), "no-final-newline",
                "The last line has no newline at its end: cron ignores such a line, or the whole file.", "End the file with a newline.");
        }
    }

    void ReadLine(string text, int line)
    {
        if (CrontabForm.Assignment.Match(text) is { Success: true } assignment)
        {
            var whole = new Place(source, line, 0, text.Length);
            if (CrontabForm.ZoneInFront.IsMatch(text))
            {
                run.Error(whole, "A zone stands in front of the expression. In a crontab CRON_TZ=ZONE is a line of its own above the lines for which it holds.");
            }
            else if (assignment.Groups[1].Value == "CRON_TZ")
            {
                zone = ReadZone(assignment.Groups[2], whole);
            }
            else
            {
                Variable(assignment, whole);
            }

            return;
        }

        var tokens = LintedTrigger.Tokens(text);
        var fieldsEnd = tokens.Count > 0 && CrontabForm.Command(text, tokens) is { } command && command < tokens.Count
            ? tokens[command].Start
            : text.Length;
        // The schedule is known only after the template is filled.
        if (Template.Match(text) is { Success: true } template && template.Index < fieldsEnd) return;
        if (Invisible.Match(text) is { Success: true } invisible && invisible.Index < fieldsEnd)
        {
            run.Error(new(source, line, invisible.Index, 1),
                $"The invisible character U+{(int)invisible.Value[0]:X4} stands between the fields. cron knows no blanks except the space and the tab, and rejects the line. Write a space.");
            return;
        }

        Traps(text, line, tokens);
        Trigger(text, line, tokens);
    }

    void Trigger(string text, int line, List<(int Start, int End)> tokens)
    {
        var start = tokens[0].Start;
        // A lone minus is an error of the first field.
        if (text[start] == '-' && tokens[0].End > start + 1)
        {
            run.Warn(new(source, line, start, 1), "cronie-only",
                "With a minus in front, cronie writes no line to the system log when the command runs. The minus is allowed in the crontab of root and in system crontabs, and other crons reject the line.",
                "Keep it for cronie, or leave it out.");
            start++;
        }

        var end = text[start] == '@' ? tokens[0].End : tokens[Math.Min(4, tokens.Count - 1)].End;
        if (DialectRules.Read(text[start..end], new(source, line, start, end - start), zone ?? ZoneClock.Utc, CronDialect.Unix, run) is not { } linted)
        {
            return;
        }

        triggers.Add(linted);
        var command = CrontabForm.Command(text, tokens)!.Value + (hasUsers ? 1 : 0);
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

    // Warns about values that a shell would change, but cron takes literally.
    void Variable(Match assignment, Place line)
    {
        var (name, value) = (assignment.Groups[1].Value, assignment.Groups[2]);
        if (name == "TZ")
        {
            run.Warn(line, "tz-in-crontab",
                "TZ is given to the commands and does not move the schedule: the cron of Unix reads the lines below in its own zone.",
                "cronie takes CRON_TZ=ZONE for the schedule; other crons run in the machine's zone.");
            ReadZone(value, line);
        }
        // cronie replaces variables in these two.
        else if (name is not ("MAILTO" or "MAILFROM") && Expansion.Match(value.Value) is { Success: true } expansion)
        {
            run.Warn(line.Part(value.Index + expansion.Index, expansion.Length), "no-expansion",
                $"cron does not replace {expansion.Value}: the value is taken as it is written.",
                "Write the value in full, or set it in the command.");
        }

        if (value.Value.EndsWith('\\')) Continuation(line.Part(value.Index + value.Length - 1, 1));
    }

    void Traps(string text, int line, List<(int Start, int End)> tokens)
    {
        if (text.EndsWith('\\')) Continuation(new(source, line, text.Length - 1, 1));
        var fields = tokens.TakeWhile(token => CrontabForm.IsField(text[token.Start..token.End])).Count();
        if (fields <= 5) return;
        run.Warn(new(source, line, tokens[5].Start, tokens[fields - 1].End - tokens[5].Start), "field-count",
            $"The line has {fields} fields. The cron of Unix reads five of them, and takes the rest for the command: {text[tokens[5].Start..]}{(text[tokens[5].Start] == '*' ? ". cronie rejects a command that begins with *." : "")}",
            "Leave out the second and the year.");
    }

    void Continuation(Place place) =>
        run.Warn(place, "no-continuation",
            "cron does not join lines: the backslash belongs to this line, and the next line is read by itself.",
            "Write the command on one line, or put it in a script.");

    ZoneClock? ReadZone(Group value, Place line)
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
