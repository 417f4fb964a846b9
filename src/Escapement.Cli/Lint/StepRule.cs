using System.Globalization;
using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>Warns about a step that does not divide its range.</summary>
static class StepRule
{
    public static void Check(FieldText field, CronFields fields, LintRun run, bool isOurs)
    {
        if (field.Field == CronField.Year) return;
        var at = 0;
        foreach (var text in field.Text.Split(','))
        {
            var start = at;
            at += text.Length + 1;
            // Only other programs accept a step without a second value, which has its own warning.
            if (Steps.Read(field.Field, text) is not { } steps || steps.Reached == steps.From
                || Problem(steps, fields, run.Now.Year, isOurs) is not var (problem, advice))
            {
                continue;
            }

            run.Warn(field.Place.Length == field.Text.Length
                ? field.Place.Part(start, text.Length)
                : field.Place, "uneven-step", $"{text.Trim()} {problem}.", advice);
        }
    }

    static (string Problem, string Advice)? Problem(Steps steps, CronFields fields, int year, bool isOurs)
    {
        var (field, step, reached, size) = (steps.Field, steps.Step, steps.Reached, steps.Field.Size);
        if (!steps.IsWhole)
        {
            // Another part of the list may contain the value that this part does not reach.
            if (reached == steps.To || Has(fields, field, steps.To)) return null;
            var shorter = Divisors(steps.To - steps.From);
            return ($"ends with {steps.Shown(reached)}; {steps.Shown(steps.To)} is not reached",
                $"End the range with {steps.Shown(reached)}{(shorter.Length > 0 ? $", or use a step that divides {steps.To - steps.From} ({shorter})" : "")}.");
        }

        var differs = field == CronField.Day || field == CronField.Week;
        // If the next hour, day or year does not follow, nothing restarts behind the last value.
        if ((size % step == 0 && !differs) || !FollowingTimes.Meets(fields, field, year)) return null;
        if (!differs && !steps.IsHashed
            && Enumerable.Range(reached + 1, steps.From + size - reached - 1).Any(value => Has(fields, field, value)))
        {
            return null;
        }

        var problem = field.Name switch
        {
            "day" => "begins anew with each month, and months differ in length",
            "week" => "begins anew with each year, which has 52 or 53 weeks",
            _ when steps.IsHashed => $"begins anew with each {Whole(field)}, which {step} does not divide",
            _ => $"begins anew with each {Whole(field)}: {steps.Shown(reached)} is followed by {steps.Shown(steps.From)}, a step of {steps.From + size - reached}",
        };
        var unit = field == CronField.Week ? "weeks" : "days";
        // Only Escapement has intervals.
        return (problem, differs || field.Name == CronField.DayOfWeek.Name
            ? $"Name the {unit} that are meant" + (isOurs ? $"; for every so many {unit} without a break use an interval." : ".")
            : $"Use a step that divides {size} ({Divisors(size)})" + (isOurs ? ", or an interval." : "."));
    }

    static string Whole(CronField field) => field.Name switch
    {
        "second" => "minute",
        "minute" => "hour",
        "hour" => "day",
        "month" => "year",
        _ => "week",
    };

    static string Divisors(int size) => string.Join(", ", Enumerable.Range(2, Math.Max(0, size / 2 - 1)).Where(step => size % step == 0));

    static bool Has(CronFields fields, CronField field, int value)
    {
        value = field.First + ((value - field.First) % field.Size);
        return field.Name switch
        {
            "second" => (fields.Seconds >> value & 1) != 0,
            "minute" => (fields.Minutes >> value & 1) != 0,
            "hour" => (fields.Hours >> value & 1) != 0,
            "day" => (fields.Days >> value & 1) != 0,
            "month" => (fields.Months >> value & 1) != 0,
            "week" => (fields.Weeks >> value & 1) != 0,
            _ => (fields.DaysOfWeek >> (int)FollowingTimes.Weekday(field, value) & 1) != 0,
        };
    }

    /// <summary>A part of a list, with its step.</summary>
    /// <param name="Field">The field that contains the list.</param>
    /// <param name="From">The first value.</param>
    /// <param name="To">The last allowed value, beyond the field's maximum if a range wraps around.</param>
    /// <param name="Step">2 or more.</param>
    /// <param name="IsWhole">True if the step covers the whole field, so that a further step would reach the next
    /// cycle.</param>
    /// <param name="IsNamed">
    /// True if values are shown by name, because they are written by name or a number would be ambiguous.
    /// </param>
    /// <param name="IsHashed">True if the job's id decides the first value.</param>
    sealed record Steps(CronField Field, int From, int To, int Step, bool IsWhole, bool IsNamed, bool IsHashed)
    {
        public int Reached => From + ((To - From) / Step * Step);

        /// <summary>Returns null for a part without a step, or with a step whose end does not matter.</summary>
        public static Steps? Read(CronField field, string text)
        {
            var slash = text.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0 || !int.TryParse(text.AsSpan(slash + 1).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var step)
                || step < 2)
            {
                return null;
            }

            var range = text[..slash].Trim();
            if (range is "*" or "?" or "H" or "h")
            {
                return new(field, field.First, field.First + field.Size - 1, step, IsWhole: true, field.Name == CronField.DayOfWeek.Name,
                    range is "H" or "h");
            }
            // The ends of a range in parentheses limit the hashed value and are no values themselves.
            if (range[0] is 'H' or 'h') return null;
            var ends = range.Split('-');
            var from = Value(ends[0]);
            var to = ends.Length == 1 ? field.Last : Value(ends[1]);
            // An open range such as 20/2 or 20-23/2 starts in the middle and means the rest of the field.
            var isOpen = ends.Length == 1 || (to == field.Last && field.Name != CronField.DayOfWeek.Name);
            if (isOpen && from - field.First >= step) return null;
            if (to < from) to += field.Size;
            return new(field, from, to, step, isOpen || to - from + 1 >= field.Size, !char.IsAsciiDigit(range[0]), IsHashed: false);

            int Value(string end) => field.Named(end)
                ?? (int.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : field.First);
        }

        public string Shown(int value)
        {
            if (IsNamed && Field.Names.Count > 0) return Field.Names[(value - Field.FirstName) % Field.Names.Count];
            return (value > Field.Last ? value - Field.Size : value).ToString(CultureInfo.InvariantCulture);
        }
    }
}
