using System.Collections.ObjectModel;

namespace Escapement.Triggers;

/// <summary>Supplies the values that a trigger's definition leaves open.</summary>
/// <param name="Zone">The zone for a definition without a zone.</param>
/// <param name="Now">
/// The instant from which an interval without a start begins, and at which a date trigger without a date is due.
/// </param>
/// <param name="JobId">The text from which <c>H</c> in an expression takes its value, or null without a job.</param>
public sealed record TriggerContext(ZoneClock Zone, DateTimeOffset Now, string? JobId = null)
{
    /// <summary>
    /// The named sets of days that a definition can exclude. Null while the sets are unknown, and every name then
    /// stands for an empty set.
    /// </summary>
    public IReadOnlyDictionary<string, NamedDates>? Dates { get; init; } = ReadOnlyDictionary<string, NamedDates>.Empty;
}
