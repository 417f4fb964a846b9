using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>The warnings that come from how the fields of a cron trigger are written.</summary>
static partial class FieldRules
{
    const uint AllHours = (1u << 24) - 1;

    [GeneratedRegex(@"(?<![/#\d])\d(?!\d)")]
    private static partial Regex WeekdayNumber { get; }

    /// <summary>Looks at a trigger and at what it is made of.</summary>
    public static void Check(LintedTrigger linted, LintRun run, bool isInAnd = false)
    {
        foreach (var field in linted.Fields)
        {
            UnevenStep(field, run);
            NumericWeekday(field, run);
        }

        var core = TriggerText.Parts(linted.Trigger).Core;
        if (core is CronTrigger cron)
        {
            DayAndWeekday(linted, cron.Definition.Fields, run);
            // Beside others, every minute leaves it to them which one.
            if (!isInAnd) EveryMinute(linted, cron.Definition.Fields, run);
        }

        foreach (var part in linted.Parts) Check(part, run, isInAnd || core is AndTrigger);
    }

    static void DayAndWeekday(LintedTrigger linted, CronFields fields, LintRun run)
    {
        if (fields.Days == CronFields.AllDays || fields.DaysOfWeek == CronFields.AllDaysOfWeek) return;
        var place = linted.Fields.FirstOrDefault(field => field.Field.Name == CronField.DayOfWeek.Name) is { Text: not null } weekday ? weekday.Place : linted.Place;
        run.Warn(
            place, "day-and-weekday", $"Day of the month and day of the week must both match{(linted.IsCrontab ? ", where the cron of Unix takes either" : "")}: {TriggerSentence.Of(linted.Trigger, Language.English, linted.Trigger.Zone)}",
            "If either is meant, make it two triggers, one for each.");
    }

    static void EveryMinute(LintedTrigger linted, CronFields fields, LintRun run)
    {
        if (fields.Hours == AllHours || BitOperations.PopCount(fields.Minutes) < 60 || linted.Fields.FirstOrDefault(field => field.Field == CronField.Minute) is not { Text: not null } minute) return;
        run.Warn(minute.Place, "every-minute", "It fires in every minute of its hours, 60 times each.", "If once an hour is meant, write 0 for the minute.");
    }

    static void UnevenStep(FieldText field, LintRun run)
    {
        var (first, last) = (field.Field.First, field.Field == CronField.DayOfWeekInExpression ? 6 : field.Field.Last);
        var size = last - first + 1;
        var at = 0;
        foreach (var part in field.Text.Split(','))
        {
            var start = at;
            at += part.Length + 1;
            var slash = part.IndexOf('/', StringComparison.Ordinal);
            if (field.Field == CronField.Year || slash < 0 || !int.TryParse(part.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var step) || step < 2) continue;
            var range = part[..slash].Trim();
            var isBounded = range.Contains('-', StringComparison.Ordinal);
            var (from, to) = Range(field.Field, range, first, last);
            var place = field.Place.Length == field.Text.Length ? field.Place.Part(start, part.Length) : field.Place;
            var reached = from + ((to - from) / step * step);
            if (from - first < step && (!isBounded || (from == first && to == last)))
            {
                if (size % step != 0 || field.Field == CronField.Day) Warn(place, part, Restart(field.Field, from, reached, size));
            }
            else if (isBounded && reached != to)
            {
                Warn(place, part, $"ends with {Shown(reached)}; {Shown(to)} is not reached");
            }
        }

        // A range may go on past the field's end.
        int Shown(int value) => first + ((value - first) % size);

        void Warn(Place place, string part, string problem) => run.Warn(
            place, "uneven-step", $"{part.Trim()} {problem}.", field.Field == CronField.Day || field.Field == CronField.DayOfWeek || field.Field == CronField.DayOfWeekInExpression
                ? "Name the days that are meant; for every so many days without a break use an interval."
                : $"Use a step that divides {size} ({string.Join(", ", Enumerable.Range(2, size / 2).Where(step => size % step == 0))}), or an interval.");
    }

    static string Restart(CronField field, int from, int reached, int size) => field == CronField.Day
        ? "begins anew with each month, and months differ in length"
        : $"begins anew with each {Whole(field)}: {reached} is followed by {from}, a step of {from + size - reached}";

    static string Whole(CronField field) => field.Name switch
    {
        "second" => "minute",
        "minute" => "hour",
        "hour" => "day",
        "month" or "week" => "year",
        _ => "week",
    };

    // Of what a step steps over; a range around the end is read as one that goes on.
    static (int From, int To) Range(CronField field, string text, int first, int last)
    {
        if (text is "*" or "?" or "H" or "h") return (first, last);
        var ends = text.Split('-');
        var from = Value(ends[0]);
        var to = ends.Length == 1 ? field.Last : Value(ends[1]);
        return (from, to < from ? to + last - first + 1 : to);

        int Value(string end) => field.Named(end) ?? (int.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : first);
    }

    static void NumericWeekday(FieldText field, LintRun run)
    {
        if (field.Field.Name != CronField.DayOfWeek.Name || !WeekdayNumber.IsMatch(field.Text)) return;
        var isExpression = field.Field == CronField.DayOfWeekInExpression;
        var number = WeekdayNumber.Match(field.Text).Value[0] - '0';
        var named = WeekdayNumber.Replace(field.Text, match => field.Field.Names[(match.Value[0] - '0') % 7]);
        var other = isExpression ? CronField.DayOfWeek : CronField.DayOfWeekInExpression;
        var elsewhere = number <= other.Last ? Weekday(other, number) : "no day";
        run.Warn(
            field.Place, "numeric-weekday",
            $"{number} is {Weekday(field.Field, number)} {(isExpression ? "here, but " + elsewhere + " in the field day_of_week" : "in the field day_of_week, but " + elsewhere + " in an expression")}.",
            field.Text.Contains('/', StringComparison.Ordinal) && !isExpression ? "List the days by name." : $"Write the names: {named}.");
    }

    static string Weekday(CronField field, int number) => ((DayOfWeek)((field == CronField.DayOfWeek ? number + 1 : number) % 7)).ToString();
}
