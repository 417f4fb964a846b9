using System.Text.Json;
using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>The named sets of days of a settings file (<c>Escapement:ExcludedDates</c>, <c>SCHEDULER_EXCLUDED_DATES</c>), nested, with colons, or as JSON in one text.</summary>
sealed class SettingsDatesReader(LintRun run)
{
    readonly Dictionary<string, NamedDates> sets = new(StringComparer.Ordinal);
    readonly Dictionary<string, List<PlacedJson>> days = new(StringComparer.Ordinal);

    /// <summary>Takes what stands at a key.</summary>
    /// <param name="value">What stands there.</param>
    /// <param name="path">What the key has behind its name: nothing, a set, or a set and a number.</param>
    /// <param name="place">The key's.</param>
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

    /// <summary>All sets; a day that cannot be read is an error, and the set is known all the same.</summary>
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
            // The days of a file are known where the program runs.
            sets[name] = new(name, []);
            if (value.Value.ValueKind != JsonValueKind.String || !value.Text.EndsWith(".ics", StringComparison.OrdinalIgnoreCase))
            {
                run.Error(value.Inner,
                    $"{value.Value.GetRawText()} is neither a list of days nor the path of an iCalendar file that ends with .ics; {NamedDates.Allowed}.");
            }
        }
    }
}
