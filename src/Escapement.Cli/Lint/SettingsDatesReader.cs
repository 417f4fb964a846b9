using System.Text.Json;
using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>
/// Reads the named sets of days of a settings file (<c>Escapement:ExcludedDates</c>, <c>SCHEDULER_EXCLUDED_DATES</c>).
/// The sets may be nested, have keys with colons, or be JSON in a single text.
/// </summary>
sealed class SettingsDatesReader(LintRun run)
{
    readonly Dictionary<string, NamedDates> sets = new(StringComparer.Ordinal);
    readonly Dictionary<string, List<PlacedJson>> days = new(StringComparer.Ordinal);

    /// <summary>Adds the value of a key.</summary>
    /// <param name="value">The value.</param>
    /// <param name="path">The rest of the key behind its name: nothing, a set, or a set and a number.</param>
    /// <param name="place">The place of the key.</param>
    public void Add(PlacedJson value, IReadOnlyList<string> path, Place place)
    {
        if (path is [var name, ..])
        {
            AddSet(name, value, place);
            return;
        }

        if (value.Value.ValueKind == JsonValueKind.String && value.Text.TrimStart().StartsWith('{'))
        {
            try
            {
                value = PlacedJson.Parse(value.Text, value.Place);
            }
            catch (JsonException failure)
            {
                run.Error(value.Place, JsonFault.Sentence(value.Text, failure, isEmbedded: true));
                return;
            }
        }

        if (value.Value.ValueKind != JsonValueKind.Object)
        {
            run.Error(value.Place,
                """Excluded dates are a dictionary of sets of days: {"holidays": ["2041-04-19", "12-25"], "works": "works.ics"}.""");
        }

        foreach (var (set, at, listed) in value.Properties) Add(listed, set.Split([":", "__"], StringSplitOptions.None), at);
    }

    /// <summary>Reads all sets. An unreadable day adds an error, and its set is still known.</summary>
    public IReadOnlyDictionary<string, NamedDates> Read()
    {
        foreach (var (name, listed) in days)
        {
            foreach (var wrong in listed.Where(day => !IsDay(day)))
            {
                run.Error(wrong.Inner, $"{wrong.Value.GetRawText()} is not a day: {NamedDates.Allowed}.");
            }

            sets[name] = new(name, listed.Where(IsDay).Select(day => day.Text));
        }

        return sets;

        static bool IsDay(PlacedJson day) => day.Value.ValueKind == JsonValueKind.String && NamedDates.IsDay(day.Text);
    }

    void AddSet(string name, PlacedJson value, Place place)
    {
        try
        {
            NamedDates.CheckName(name);
        }
        catch (FormatException failure)
        {
            run.Error(place, failure.Message);
            return;
        }

        if (value.Value.ValueKind == JsonValueKind.Array || NamedDates.IsDay(value.Text))
        {
            if (!days.TryGetValue(name, out var listed)) days.Add(name, listed = []);
            listed.AddRange(value.Value.ValueKind == JsonValueKind.Array ? value.Items : [value]);
        }
        else
        {
            // The days of an iCalendar file are known only where the program runs.
            sets[name] = new(name, []);
            if (value.Value.ValueKind != JsonValueKind.String || !value.Text.EndsWith(".ics", StringComparison.OrdinalIgnoreCase))
            {
                run.Error(value.Inner,
                    $"{value.Value.GetRawText()} is neither a list of days nor the path of an iCalendar file that ends with .ics; {NamedDates.Allowed}.");
            }
        }
    }
}
