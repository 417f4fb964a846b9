using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Escapement.Jobs;

/// <summary>Names one run in a store: the fire time, the job's number there, and a number that tells asked-for runs apart.</summary>
/// <param name="FireTime">Microseconds since 1970-01-01 UTC.</param>
/// <param name="Job">The job's number in its store; above zero.</param>
/// <param name="Number">0 for a fire time of the trigger; above zero for a run that was asked for.</param>
/// <remarks>The order of the parts is the order of the key: what is written together lies together.</remarks>
public readonly record struct RunId(long FireTime, long Job, long Number)
{
    /// <summary>The form in addresses: <c>job-firetime-number</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Job}-{FireTime}-{Number}");

    /// <summary>Reads <see cref="ToString"/>'s form.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out RunId id)
    {
        id = default;
        var parts = text?.Split('-');
        if (parts is not { Length: 3 }
            || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var job) || job < 1
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var fireTime)
            || !long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }
        id = new(fireTime, job, number);
        return true;
    }
}
