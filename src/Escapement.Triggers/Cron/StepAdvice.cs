namespace Escapement.Triggers;

/// <summary>What to write for a step that is longer than its field, such as <c>*/60</c> for the minute.</summary>
static class StepAdvice
{
    /// <summary>A sentence that begins with a small letter and a semicolon in front. Empty where there is none.</summary>
    /// <param name="field">In which the step stands.</param>
    /// <param name="step">Its length.</param>
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
