using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Escapement.Hosting;

/// <summary>The key JOBS: a list of jobs. In the section Escapement, the key also contains overrides of jobs by
/// id.</summary>
/// <remarks>Reads only the structure. <see cref="JobFields"/> reads the fields when the time zone and the handlers are
/// known.</remarks>
static class SettingsJobs
{
    public const string Name = "JOBS";

    const string Example = """[{"id": "hello", "func": "jobs:hello", "trigger": "interval", "minutes": 5}]""";

    /// <summary>Returns true if a section named Jobs contains, or should contain, a list of jobs. Otherwise the section
    /// contains overrides of jobs by id.</summary>
    public static bool IsList(IConfigurationSection section) =>
        section.Value is { } text ? !text.TrimStart().StartsWith('{')
            : !section.Path.StartsWith(SettingsScope.Escapement, StringComparison.OrdinalIgnoreCase) || section.GetChildren().Any(IsItem);

    /// <summary>Returns true if the flat key JOBS contains a list of jobs. A variable of another program with this name
    /// is ignored.</summary>
    public static bool IsFlatList(IConfigurationSection section) =>
        section.Value is { } text ? text.TrimStart().StartsWith('[') : section.GetChildren().Any(IsItem);

    /// <summary>Reads the list.</summary>
    public static IReadOnlyList<JobSettings> List(SettingsValue value)
    {
        if (value.Section.Value is not null)
        {
            return [.. value.Json(JsonValueKind.Array, Example).EnumerateArray()
                .Select((item, index) => Item($"{value.Key}:{index}", item))];
        }

        var items = value.Section.GetChildren().Where(IsItem).ToList();
        if (items is [])
        {
            throw value.Unreadable(
                $"a list of jobs is allowed, such as {Example}; a job's options are overridden under {SettingsScope.Escapement}:Jobs");
        }

        return [.. items.Select(FromSection)];
    }

    /// <summary>Reads the overrides by job id. An id with colons spans several levels of the section.</summary>
    public static IReadOnlyDictionary<string, JobSettings> Overrides(IReadOnlyList<SettingsScope> scopes, List<string> faults)
    {
        Dictionary<string, JobSettings> overrides = new(StringComparer.OrdinalIgnoreCase);
        foreach (var section in scopes.Where(scope => scope.IsOurs).SelectMany(scope => scope.Find(Name)))
        {
            try
            {
                if (section.Value is { } text && text.TrimStart().StartsWith('{'))
                {
                    foreach (var job in new SettingsValue(section).Json(JsonValueKind.Object, """{"report": {"cron": "0 6 * * *"}}""")
                        .EnumerateObject())
                    {
                        overrides[job.Name] = Item($"{section.Path}:{job.Name}", job.Value);
                    }
                }

                foreach (var child in section.GetChildren().Where(child => !IsItem(child))) Collect(child, child.Key, overrides);
            }
            catch (FormatException fault)
            {
                faults.Add(fault.Message);
            }
        }

        return overrides;
    }

    static void Collect(IConfigurationSection section, string id, Dictionary<string, JobSettings> overrides)
    {
        var children = section.GetChildren().ToList();
        if (children is [])
        {
            throw new SettingsValue(section)
                .Unreadable("options of a job are allowed here, such as Cron or MaxInstances below the job's id");
        }

        if (children.Any(child => child.Value is not null || JobFields.IsKnown(JobFields.Canonical(child.Key))))
        {
            overrides[id] = FromSection(section);
        }
        else
        {
            foreach (var child in children) Collect(child, $"{id}:{child.Key}", overrides);
        }
    }

    static bool IsItem(IConfigurationSection child) =>
        child.Key.All(char.IsAsciiDigit)
            && (child.Value is not null || child.GetChildren().Any(option => JobFields.Canonical(option.Key) is "id" or "func"));

    static JobSettings Item(string key, JsonElement item) => item.ValueKind == JsonValueKind.Object
        ? new(key, Fields(key, item.EnumerateObject().Select(property => (property.Name, property.Value))))
        : throw new FormatException($"{key} is {item.GetRawText()}; a dictionary of a job's options is allowed, such as {Example[1..^1]}.");

    static JobSettings FromSection(IConfigurationSection section)
    {
        if (section.Value is not null)
        {
            throw new SettingsValue(section).Unreadable($"a section with a job's options is allowed, such as those of {Example[1..^1]}");
        }

        return new(section.Path, Fields(section.Path, section.GetChildren().Select(option => (option.Key, Option(option)))));
    }

    /// <summary>Returns an option in a section. A value of a text field stays text, even if the value looks like a
    /// number.</summary>
    static JsonElement Option(IConfigurationSection option)
    {
        var name = JobFields.Canonical(option.Key);
        return option.Value is { } text && JobFields.IsText(name)
            ? JsonSerializer.SerializeToElement(text)
            : ConfigurationJson.ReadOption(option, why =>
                new SettingsValue(option).Unreadable($"{why}. JSON is allowed"), JobFields.IsListOfTexts(name));
    }

    static Dictionary<string, JsonElement> Fields(string key, IEnumerable<(string Name, JsonElement Value)> options)
    {
        Dictionary<string, JsonElement> fields = new(StringComparer.Ordinal);
        foreach (var (name, value) in options)
        {
            if (!fields.TryAdd(JobFields.Canonical(name), value))
            {
                throw new FormatException($"{key}:{name} is given twice, in two spellings. Remove one of them.");
            }
        }

        return fields;
    }
}
