using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>The warnings about the written form of the fields of a cron trigger.</summary>
static partial class FieldRules
{
    [GeneratedRegex(@"(?<![/#\d])\d(?!\d)")]
    private static partial Regex WeekdayNumber { get; }

    [GeneratedRegex(@"[*?]/(?!1(?!\d))")]
    private static partial Regex StarWithStep { get; }

    /// <summary>Checks a trigger and its parts.</summary>
    public static void Check(LintedTrigger linted, LintRun run, bool isInAnd = false)
    {
        var core = TriggerText.Parts(linted.Trigger).Core;
        if (core is CronTrigger { Definition.Fields: var fields })
        {
            foreach (var field in linted.Fields)
            {
                StepRule.Check(field, fields, run, linted.IsOurs);
                if (field.Field.Name == CronField.DayOfWeek.Name) NumericWeekday(linted, field, fields, run);
            }

            MissingDays(linted, fields, run);
            DayAndWeekday(linted, fields, run);
            // In an and, the other parts select the minute.
            if (!isInAnd) EveryMinute(linted, fields, run);
        }

        foreach (var part in linted.Parts) Check(part, run, isInAnd || core is AndTrigger);
    }

    static void DayAndWeekday(LintedTrigger linted, CronFields fields, LintRun run)
    {
        var (day, weekday) = (Text(linted, CronField.Day), Text(linted, CronField.DayOfWeek));
        if (linted.Dialect == CronDialect.Kubernetes) (day, weekday) = (WithoutStars(day), WithoutStars(weekday));
        var program = linted.Dialect is CronDialect.Kubernetes or CronDialect.GitHub ? linted.Dialect.ToString() : null;
        if (CronComparison.Days(fields, day, weekday, Language.English, program) is not { } both) return;
        var place = linted.Fields.FirstOrDefault(field => field.Field.Name == CronField.DayOfWeek.Name) is { Text: not null } field
            ? field.Place
            : linted.Place;
        run.Warn(
            place, "day-and-weekday",
            $"{both} In Escapement: {TriggerSentence.Of(linted.Trigger, Language.English, linted.Trigger.Zone)}{linted.Remark}",
            $"If either is meant, make it two {(linted.IsOurs ? "triggers" : "lines")}, one for each.");
    }

    // In robfig/cron a star with a step does not count as a star.
    static string? WithoutStars(string? text) => text is null ? null : StarWithStep.Replace(text, "0-31/");

    static string? Text(LintedTrigger linted, CronField field) =>
        linted.Fields.FirstOrDefault(given => given.Field.Name == field.Name).Text;

    // Reports numbered days that a month never has. A star names no day, so its days are not reported.
    static void MissingDays(LintedTrigger linted, CronFields fields, LintRun run)
    {
        var day = linted.Fields.FirstOrDefault(field => field.Field == CronField.Day);
        if (day.Text is null || day.Text.Contains('*', StringComparison.Ordinal) || fields.Days == CronFields.AllDays
            || fields.Months == CronFields.AllMonths || linted.Trigger.Next(run.Now) is null)
        {
            return;
        }

        var missing = (from month in Numbers(fields.Months)
                       from number in Numbers(fields.Days)
                       where number > DateTime.DaysInMonth(2000, month)
                       select $"{number} {CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName(month)}").ToList();
        if (missing.Count == 0) return;
        var (verb, last) = (missing.Count == 1 ? "does" : "do", missing[^1]);
        run.Warn(day.Place, "missing-day",
            $"{(missing.Count == 1 ? last : $"{string.Join(", ", missing[..^1])} and {last}")} {verb} not exist.",
            linted.IsOurs ? "Name the days that exist, or write L for the last day of the month." : "Name the days that exist.");
    }

    static IEnumerable<int> Numbers(ulong bits) => Enumerable.Range(0, 64).Where(number => (bits >> number & 1) != 0);

    static void EveryMinute(LintedTrigger linted, CronFields fields, LintRun run)
    {
        // An omitted minute beside a second also means every minute.
        if (fields.Hours == CronFields.AllHours || BitOperations.PopCount(fields.Minutes) < 60) return;
        var place = linted.Fields.FirstOrDefault(field => field.Field == CronField.Minute) is { Text: not null } minute
            ? minute.Place
            : linted.Place;
        run.Warn(place, "every-minute", "It fires in every minute of its hours, 60 times each.",
            "If once an hour is meant, write 0 for the minute.");
    }

    static void NumericWeekday(LintedTrigger linted, FieldText field, CronFields fields, LintRun run)
    {
        // Every day of the week is the same set of days, wherever the week begins.
        if (!WeekdayNumber.IsMatch(field.Text) || fields.DaysOfWeek == CronFields.AllDaysOfWeek) return;
        if (CronComparison.Quartz([.. linted.Fields.Select(given => given.Text)]) is { } quartz)
        {
            run.Warn(field.Place, "numeric-weekday",
                $"Quartz, in whose form this is written, counts from Sunday as 1: {field.Text} is {CronComparison.Spoken(quartz.InQuartz)} there, and {CronComparison.Spoken(quartz.Here)} here.",
                $"Write the names: {quartz.InQuartz} for what Quartz means, {quartz.Here} for what is read here.");
            return;
        }

        // APScheduler numbers the days of the week differently. This concerns no file of another program.
        if (!linted.IsOurs) return;
        var isExpression = field.Field == CronField.DayOfWeekInExpression;
        var number = WeekdayNumber.Match(field.Text).Value[0] - '0';
        var named = WeekdayNumber.Replace(field.Text, match => field.Field.Names[(match.Value[0] - '0') % 7]);
        var other = isExpression ? CronField.DayOfWeek : CronField.DayOfWeekInExpression;
        var elsewhere = number <= other.Last ? FollowingTimes.Weekday(other, number).ToString() : "no day";
        run.Warn(
            field.Place, "numeric-weekday",
            $"{number} is {FollowingTimes.Weekday(field.Field, number)} {(isExpression ? "here, but " + elsewhere + " in the field day_of_week" : "in the field day_of_week, but " + elsewhere + " in an expression")}.",
            field.Text.Contains('/', StringComparison.Ordinal) && !isExpression ? "List the days by name." : $"Write the names: {named}.");
    }
}
