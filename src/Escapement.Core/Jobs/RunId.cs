using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Escapement.Jobs;

/// <summary>The key of a run in a store: the fire time, the job's number, and a number that distinguishes enqueued
/// runs.</summary>
/// <param name="FireTime">The fire time in microseconds since 1970-01-01 UTC.</param>
/// <param name="Job">The job's number in its store, above zero.</param>
/// <param name="Number">0 for a fire time of the trigger, above zero for an enqueued run.</param>
/// <remarks>The order of the parts is the order of the key, so that runs written together are stored
/// together.</remarks>
public readonly record struct RunId(long FireTime, long Job, long Number)
{
    /// <summary>Returns the form for addresses: <c>job-firetime-number</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Job}-{FireTime}-{Number}");

    /// <summary>Parses the form of <see cref="ToString"/>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out RunId id)
    {
        id = default;

        // A fire time before 1970 begins with a minus sign.
        if (text is null || text.IndexOf('-', StringComparison.Ordinal) is not (> 0 and var first) || text.LastIndexOf('-') is var last
            && last <= first + 1)
        {
            return false;
        }

        if (!long.TryParse(text.AsSpan(0, first), NumberStyles.None, CultureInfo.InvariantCulture, out var job) || job < 1
            || !long.TryParse(text.AsSpan(first + 1, last - first - 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
                out var fireTime)
            || !long.TryParse(text.AsSpan(last + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var read = new RunId(fireTime, job, number);

        // A leading zero or a plus sign is not canonical.
        if (read.ToString() != text) return false;
        id = read;
        return true;
    }
}
