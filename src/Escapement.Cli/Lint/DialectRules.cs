using System.Globalization;
using System.Text.RegularExpressions;
using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>
/// Compares expressions with the grammar of the program that reads their file: the cron of Unix (cronie's entry.c, BusyBox'
/// crond.c), Kubernetes (ParseStandard of robfig/cron) and GitHub Actions (the documentation of <c>on.schedule</c>).
/// </summary>
static partial class DialectRules
{
    static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        ["@yearly"] = "0 0 1 1 *",
        ["@annually"] = "0 0 1 1 *",
        ["@monthly"] = "0 0 1 * *",
        ["@weekly"] = "0 0 * * 0",
        ["@daily"] = "0 0 * * *",
        ["@midnight"] = "0 0 * * *",
        ["@hourly"] = "0 * * * *",
    };

    static readonly CronField[] Fields =
        [CronField.Minute, CronField.Hour, CronField.Day, CronField.Month, CronField.DayOfWeekInExpression];

    [GeneratedRegex(@"^([*?]|\d{1,4}|[A-Za-z]{3})(?:-(\d{1,4}|[A-Za-z]{3}))?(?:/(\d{1,9}))?$")]
    private static partial Regex Part { get; }

    [GeneratedRegex(@"^(\d{1,4}|[A-Za-z]{3})?~(\d{1,4}|[A-Za-z]{3})?(/.*)?$")]
    private static partial Regex RandomPart { get; }

    [GeneratedRegex(@"^(?:L(?:W|-\d+W?)?|\d+W)$", RegexOptions.IgnoreCase)]
    private static partial Regex SpecialDay { get; }

    [GeneratedRegex(@"^(?:(\w+)#([1-5])|\w+L|L)$", RegexOptions.IgnoreCase)]
    private static partial Regex SpecialWeekday { get; }

    [GeneratedRegex(@"^(?:CRON_)?TZ=[""']?([^\s""']*)")]
    private static partial Regex ZoneInFront { get; }

    [GeneratedRegex(@"^@every\s+(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+$")]
    private static partial Regex GoInterval { get; }

    /// <summary>Reads an expression at its place.</summary>
    /// <returns>
    /// Null if the program rejects the expression, which adds errors, or if the program accepts a form that is no cron
    /// expression.
    /// </returns>
    public static LintedTrigger? Read(string text, Place place, ZoneClock zone, CronDialect dialect, LintRun run)
    {
        // The start of the machine is no time that a trigger could name.
        if (!text.StartsWith("@reboot", StringComparison.OrdinalIgnoreCase)) run.Count();
        if (Translate(text, place, dialect, run) is not { } translated
            || run.Cron(text, translated, place, zone, dialect) is not { } linted)
        {
            return null;
        }

        CheckFrequency(linted, run);
        return linted;
    }

    // Returns an expression in the form that Escapement reads.
    static string? Translate(string text, Place place, CronDialect dialect, LintRun run)
    {
        if (dialect is CronDialect.Escapement or CronDialect.Other) return text;
        if (text.StartsWith('@')) return Word(text, place, dialect, run);
        if (ZoneInFront.Match(text) is { Success: true } zone && dialect != CronDialect.Unix)
        {
            run.Error(place, dialect == CronDialect.Kubernetes
                ? $"Kubernetes rejects TZ= and CRON_TZ= in a schedule since version 1.29: write timeZone: {zone.Groups[1].Value} beside the schedule."
                : $"GitHub knows no zone in front of an expression: write timezone: {zone.Groups[1].Value} beside cron.");
            return null;
        }

        var tokens = LintedTrigger.Tokens(text);
        if (tokens.Count != Fields.Length && dialect != CronDialect.Unix)
        {
            run.Error(place, $"{Name(dialect)} reads five fields: minute, hour, day, month and day of the week. This expression has {tokens.Count}.");
            return null;
        }

        if (tokens.Count > Fields.Length) return text;
        var (translated, isRejected) = (new List<string>(), false);
        foreach (var ((start, end), field) in tokens.Zip(Fields))
        {
            List<string> parts = [];
            var at = start;
            foreach (var part in text[start..end].Split(','))
            {
                var where = place.Length == text.Length ? place.Part(at, Math.Max(1, part.Length)) : place;
                if (Rejection(part, field, dialect) is { } rejection)
                {
                    run.Error(where, rejection);
                    isRejected = true;
                }
                else
                {
                    parts.Add(Translated(part, field, where, dialect, run));
                }

                at += part.Length + 1;
            }

            translated.Add(string.Join(',', parts));
        }

        return isRejected ? null : string.Join(' ', translated);
    }

    // Warns if GitHub would have to start a workflow more often than GitHub does.
    static void CheckFrequency(LintedTrigger linted, LintRun run)
    {
        if (linted.Dialect != CronDialect.GitHub) return;
        var times = NextRequest.FireTimes(linted.Trigger, run.Now, 61).ToList();
        if (!times.Zip(times.Skip(1)).Any(pair => pair.Second - pair.First < TimeSpan.FromMinutes(5))) return;
        run.Warn(linted.Place, "too-often",
            "Its times are less than 5 minutes apart, and GitHub starts a workflow every 5 minutes at most.",
            "Write */5 or a longer step for the minute.");
    }

    static string? Word(string text, Place place, CronDialect dialect, LintRun run)
    {
        if (dialect == CronDialect.Kubernetes && GoInterval.IsMatch(text)) return null;
        if (Words.TryGetValue(text, out var expression) && dialect != CronDialect.GitHub) return text;
        var advice = expression ?? Words.GetValueOrDefault(text.ToLowerInvariant());
        run.Error(place, (dialect, text.Split(' ')[0].ToLowerInvariant()) switch
        {
            (CronDialect.Unix, "@every") =>
                "@every is the form of Go's cron packages for an interval, which no Unix cron knows: write a step, for example */5 * * * *.",
            (CronDialect.Unix, "@reboot") =>
                "@reboot runs a command when the machine starts, which is no time that a trigger could name. Do it where the program starts.",
            (CronDialect.Kubernetes, "@every") => $"'{text}' has no interval of Go, for example @every 1h30m.",
            (CronDialect.GitHub, _) => $"GitHub knows no words such as {text}: write {advice ?? "five fields"}.",
            _ when advice is not null => $"{Name(dialect)} knows the word only in small letters: write {text.ToLowerInvariant()}.",
            _ => $"{Name(dialect)} does not know {text}. The words are {string.Join(", ", Words.Keys)}.",
        });
        return null;
    }

    // Returns a sentence on a part that only other programs accept, or null for an accepted or an unreadable part.
    static string? Rejection(string part, CronField field, CronDialect dialect)
    {
        var who = Rejects(dialect, part);
        if (part is ['?', ..] && dialect != CronDialect.Kubernetes) return $"{who}: the ? of Quartz is written *.";
        if (part is ['H' or 'h', ..])
        {
            return $"{who}: H is known to Jenkins and Escapement. Write a number{(dialect == CronDialect.Unix ? ", or in cronie a random value such as 0~59" : "")}.";
        }

        if (field == CronField.Day && SpecialDay.IsMatch(part))
        {
            return part is ['L' or 'l']
                ? $"{who} for the last day of the month: write 28-31, and let the command test whether tomorrow is the 1st."
                : $"{who}: L and W are known to Quartz and Escapement. Name the days, and let the command test the day of the week.";
        }

        if (field == CronField.DayOfWeekInExpression && SpecialWeekday.Match(part) is { Success: true } weekday)
        {
            // The last such day of a month with 28 days may be the 22nd.
            var (week, test) = int.TryParse(weekday.Groups[2].Value, CultureInfo.InvariantCulture, out var number)
                ? (string.Create(CultureInfo.InvariantCulture, $"{(number * 7) - 6}-{Math.Min(number * 7, 31)}"), "")
                : ("22-31", ", and whether the day a week later is in the next month");
            return $"{who}: write {week} for the day of the month and * for the day of the week, and let the command test the day of the week{test}.";
        }

        if (RandomPart.Match(part) is { Success: true } random)
        {
            if (dialect != CronDialect.Unix) return $"{who}: a random value is known to cronie and OpenBSD. Write a number.";
            if (random.Groups[3].Success)
            {
                return $"cronie rejects {part}: a random value has no step. Write {part[..^random.Groups[3].Length]}.";
            }

            return Value(random.Groups[1].Value, field) > Value(random.Groups[2].Value, field)
                ? $"cronie rejects {part}: the first number may not be the larger one."
                : null;
        }

        if (Part.Match(part) is not { Success: true } match) return null;
        return NumberedRejection(match, field, dialect);
    }

    static string? NumberedRejection(Match match, CronField field, CronDialect dialect)
    {
        var (part, first, last, step) = (match.Value, match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value);
        if (Value(first, field) is not { } from) return null;
        if (dialect == CronDialect.Kubernetes && field == CronField.DayOfWeekInExpression && (from == 7 || Value(last, field) == 7))
        {
            return $"Kubernetes rejects {part}: the days of the week go from 0, which is Sunday, to 6.";
        }

        if (last.Length == 0)
        {
            return step.Length > 0 && dialect == CronDialect.Unix
                ? $"cronie rejects {part}, because a step needs a range or *: write {first}-{(char.IsAsciiLetter(first[0]) ? field.Names[^1] : Highest(field))}/{step}."
                : null;
        }

        var by = step.Length == 0 ? 1 : int.Parse(step, CultureInfo.InvariantCulture);
        if (by == 0 || Value(last, field) is not { } to || to >= from || EndsWithSunday(match, field, dialect)) return null;
        return (dialect == CronDialect.Unix ? $"cron rejects {part} or never runs the line" : Rejects(dialect, part))
            + $": the range ends before it begins. Write {Expanded(from, to, by, field, char.IsAsciiLetter(first[0]))}.";
    }

    static string Expanded(int from, int to, int step, CronField field, bool isNamed)
    {
        var size = field.Size;
        if (step == 1 && !isNamed)
        {
            return $"{Range(from, Highest(field))},{Range(field.First, to)}";
        }

        return string.Join(',', Enumerable.Range(0, ((to + size - from) / step) + 1)
            .Select(i => field.First + ((from - field.First + (i * step)) % size))
            .Select(value => isNamed ? field.Names[value - field.FirstName] : value.ToString(CultureInfo.InvariantCulture)));

        static string Range(int first, int last) =>
            string.Create(CultureInfo.InvariantCulture, $"{first}{(first < last ? $"-{last}" : "")}");
    }

    // cronie reads the Sunday at the end of a range without a step as day 7.
    static bool EndsWithSunday(Match match, CronField field, CronDialect dialect) => dialect == CronDialect.Unix
        && field == CronField.DayOfWeekInExpression && match.Groups[3].Length == 0 && Value(match.Groups[2].Value, field) == 0;

    // Returns a part as Escapement reads it, and warns of forms that few programs know.
    static string Translated(string part, CronField field, Place place, CronDialect dialect, LintRun run)
    {
        if (RandomPart.Match(part) is { Success: true } random)
        {
            var (first, last) = (random.Groups[1].Value, random.Groups[2].Value);
            run.Warn(place, "cronie-only",
                $"{part} is a random value, which cronie chooses anew whenever cronie reads the file. OpenBSD knows the form too, BusyBox and Vixie cron reject the line.",
                "Keep it for cronie, or write a number.");
            return $"H({(first.Length > 0 ? first : field.First)}-{(last.Length > 0 ? last : Highest(field))})";
        }

        if (Part.Match(part) is not { Success: true } match) return part;
        if (EndsWithSunday(match, field, dialect) && Value(match.Groups[1].Value, field) > 0)
        {
            run.Warn(place, "cronie-only", $"{part} ends with day 0. New versions of cronie read Sunday, and other crons reject the line.",
                $"Write {Value(match.Groups[1].Value, field)}-7.");
        }

        if (part is ['?', .. var rest]) return "*" + rest;
        return OnlyFirst(match, field) is { } only ? Warned(part, only, place, run) : part;
    }

    static string Warned(string part, string only, Place place, LintRun run)
    {
        run.Warn(place, "uneven-step", $"The step of {part} is longer than its range, so only {only} matches.", $"Write {only}.");
        return only;
    }

    // Returns the first value of a part whose step leaves the range at once.
    static string? OnlyFirst(Match match, CronField field)
    {
        if (!int.TryParse(match.Groups[3].Value, CultureInfo.InvariantCulture, out var step)) return null;
        var (first, last) = (match.Groups[1].Value, match.Groups[2].Value);
        var from = first is "*" or "?" ? field.First : Value(first, field);
        var to = last.Length > 0 ? Value(last, field) : Highest(field);
        return to - from >= 0 && step > to - from ? from?.ToString(CultureInfo.InvariantCulture) : null;
    }

    static int? Value(string text, CronField field) => field.Named(text)
        ?? (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= field.First
            && number <= field.Last ? number : null);

    // GitHub documents the allowed forms, and not the treatment of any other form.
    static string Rejects(CronDialect dialect, string part) =>
        dialect == CronDialect.GitHub ? $"GitHub documents no form such as {part}" : $"{Name(dialect)} rejects {part}";

    // The day of the week 7 is the day 0 again.
    static int Highest(CronField field) => field.First + field.Size - 1;

    static string Name(CronDialect dialect) => dialect == CronDialect.Unix ? "cron" : dialect.ToString();
}
