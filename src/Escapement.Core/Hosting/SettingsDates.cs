using System.Text.Json;
using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>The key EXCLUDED_DATES: named sets of excluded dates, each a list or a file.</summary>
sealed record SettingsDates(IReadOnlyList<NamedDates> Lists, IReadOnlyList<(string Name, string Path, string Key)> Files)
{
    const string Example = """{"holidays": ["2041-04-19", "12-25"], "works": "works.ics"}""";

    public static SettingsDates Read(SettingsValue value)
    {
        List<NamedDates> lists = [];
        List<(string, string, string)> files = [];
        foreach (var (name, days) in value.Json(JsonValueKind.Object, Example).EnumerateObject()
            .Select(property => (property.Name, property.Value)))
        {
            var key = $"{value.Key}:{name}";
            try
            {
                if (days.ValueKind == JsonValueKind.String && days.GetString()!.EndsWith(".ics", StringComparison.OrdinalIgnoreCase))
                {
                    NamedDates.CheckName(name);
                    files.Add((name, days.GetString()!, key));
                }
                else
                {
                    lists.Add(new(name, Texts(days)));
                }
            }
            catch (FormatException fault)
            {
                throw new FormatException($"{key}: {fault.Message}", fault);
            }
        }

        return new(lists, files);
    }

    public void Set(EscapementOptions options)
    {
        options.ExcludedDates = Lists.ToDictionary(set => set.Name!, StringComparer.Ordinal);
        options.ExcludedDateFiles = Files;
    }

    static List<string> Texts(JsonElement days) =>
        days.ValueKind == JsonValueKind.Array && days.EnumerateArray().All(day => day.ValueKind == JsonValueKind.String)
        ? [.. days.EnumerateArray().Select(day => day.GetString()!)]
        : throw new FormatException(
            $"{days.GetRawText()} is allowed to be a list of days as text, or the path of an iCalendar file that ends with .ics; {NamedDates.Allowed}.");
}
