namespace Escapement.Triggers;

/// <summary>Advises on a step longer than its field, such as <c>*/60</c> for the minute.</summary>
static class StepAdvice
{
    /// <summary>
    /// Returns a clause for a message, with a semicolon in front, or an empty text if there is no advice.
    /// </summary>
    /// <param name="field">The field of the step.</param>
    /// <param name="step">The length of the step.</param>
    public static string Of(CronField field, int step)
    {
        if (step >= 100_000) return "";
        var (unit, whole, larger, zero) = field.Name switch
        {
            "second" => ("second", 60, "minute", "0"),
            "minute" => ("minute", 60, "hour", "0"),
            "hour" => ("hour", 24, "day", "the hour, for example 0"),
            "month" => ("month", 12, "year", "the month, for example 1"),
            "day" => ("day", int.MaxValue, "month", ""),
            "day_of_week" => ("day", 7, "week", "the day, for example mon"),
            _ => ("", 0, "", ""),
        };
        if (whole == 0 || step < whole && whole != int.MaxValue) return "";
        if (step == whole) return $"; for once {(larger == "hour" ? "an" : "a")} {larger} write {zero}";
        var times = step / whole;
        return step % whole == 0 && (larger is "minute" or "hour") && (larger == "minute" ? 60 : 24) % times == 0
            && times < (larger == "minute" ? 60 : 24)
            ? FormattableString.Invariant($"; for every {times} {larger}s write 0 for the {unit} and */{times} for the {larger}")
            : FormattableString.Invariant($"; for a longer step use an interval: every {step} {unit}s");
    }
}
