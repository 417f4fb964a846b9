using System.Text.RegularExpressions;

namespace Escapement.Triggers;

/// <summary>Recognizes parts of a field that only other programs accept.</summary>
static class ForeignParts
{
    static readonly Regex Random = new(@"^(\d*)~(\d*)(/\d+)?$", RegexOptions.CultureInvariant);

    static readonly Regex BeforeLastWeekday = new(@"^LW-(\d+)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    /// <summary>Returns advice on the right form, or null for a part that no known program accepts.</summary>
    public static string? Advice(string part, CronField field)
    {
        if (Random.Match(part) is { Success: true } random)
        {
            var (first, last, step) = (random.Groups[1].Value, random.Groups[2].Value, random.Groups[3].Value);
            if (first.Length > 0 || last.Length > 0)
            {
                var lowest = field.First.ToString(System.Globalization.CultureInfo.InvariantCulture);
                var highest = field.LastOfStar.ToString(System.Globalization.CultureInfo.InvariantCulture);
                return $"OpenBSD takes a random value there: write H({(first.Length > 0 ? first : lowest)}-{(last.Length > 0 ? last : highest)}){step}, "
                    + "which takes a fixed value in that range from the job's id";
            }

            return $"OpenBSD takes a random value there: write H{step}, which takes a fixed value from the job's id";
        }

        if (field == CronField.Day && BeforeLastWeekday.Match(part) is { Success: true } before)
        {
            var days = before.Groups[1].Value;
            return $"LW is the last weekday of the month and takes no number; L-{days}W is the weekday nearest to the day {days} before the last";
        }

        return null;
    }
}
