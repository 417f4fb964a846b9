using System.Collections.ObjectModel;

namespace Escapement.Triggers;

/// <summary>What a trigger's definition leaves open.</summary>
/// <param name="Zone">The zone where the definition names none.</param>
/// <param name="Now">From which an interval without a start begins, and when a date without a date is due.</param>
/// <param name="JobId">From which <c>H</c> in an expression takes its value; null where there is no job.</param>
public sealed record TriggerContext(ZoneClock Zone, DateTimeOffset Now, string? JobId = null)
{
    /// <summary>The named sets of days that a definition can exclude; null where they are not known yet, and every name is taken for an empty set.</summary>
    public IReadOnlyDictionary<string, NamedDates>? Dates { get; init; } = ReadOnlyDictionary<string, NamedDates>.Empty;
}
