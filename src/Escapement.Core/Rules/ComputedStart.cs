using System.Globalization;
using System.Text.Json;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>Finds declared jobs whose trigger begins in the future only because the clock was ahead at the
/// declaration.</summary>
/// <remarks>An interval without a start, a limited number of fire times and a date without an instant begin relative to
/// the instant of the declaration. The instant is computed once and stored with the trigger.</remarks>
static class ComputedStart
{
    /// <summary>How far ahead a clock must be to count as wrong. Clocks of several machines differ by less.</summary>
    public static readonly TimeSpan MaxDrift = TimeSpan.FromSeconds(1);

    /// <summary>The fields of a stored trigger that may be computed from the instant of the declaration.</summary>
    static readonly string[] Computed = ["start_date", "times_from", "run_date"];

    /// <summary>Returns true if the job's definition was last changed at an instant that still lies in the
    /// future.</summary>
    public static bool MayBeLate(StoredJob stored, DateTimeOffset now) =>
        stored is { Ended: null, Job: { DeclaredHash: not null, Trigger: not null } } && stored.MarkedAt > now.Plus(MaxDrift);

    /// <summary>Returns true if two triggers in their stored form differ only in computed instants, and the instants of
    /// the first trigger are later.</summary>
    public static bool IsLater(string stored, string declared)
    {
        using var first = JsonDocument.Parse(stored);
        using var second = JsonDocument.Parse(declared);
        var isLater = false;
        return IsSame(first.RootElement, second.RootElement, ref isLater) && isLater;
    }

    static bool IsSame(JsonElement stored, JsonElement declared, ref bool isLater)
    {
        if (stored.ValueKind != declared.ValueKind) return false;
        switch (stored.ValueKind)
        {
            case JsonValueKind.Object:
                if (stored.GetPropertyCount() != declared.GetPropertyCount()) return false;
                foreach (var field in stored.EnumerateObject())
                {
                    if (!declared.TryGetProperty(field.Name, out var other)) return false;
                    if (Computed.Contains(field.Name) && IsAfter(field.Value, other)) isLater = true;
                    else if (!IsSame(field.Value, other, ref isLater)) return false;
                }

                return true;
            case JsonValueKind.Array:
                if (stored.GetArrayLength() != declared.GetArrayLength()) return false;
                for (var i = 0; i < stored.GetArrayLength(); i++)
                    if (!IsSame(stored[i], declared[i], ref isLater)) return false;
                return true;
            default:
                return JsonElement.DeepEquals(stored, declared);
        }
    }

    static bool IsAfter(JsonElement stored, JsonElement declared) => Instant(stored) > Instant(declared);

    static DateTimeOffset? Instant(JsonElement value) => value.ValueKind == JsonValueKind.String
        && DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
}
