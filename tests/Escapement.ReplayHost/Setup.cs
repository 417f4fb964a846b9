using System.Text.Json;
using Escapement.Hosting;
using Microsoft.Extensions.Configuration;

namespace Escapement.ReplayHost;

/// <summary>The description of the recorded server, from a transcript's first line.</summary>
public sealed class Setup
{
    static readonly string[] Known = ["settings", "handlers", "jobs", "auth"];

    readonly Dictionary<string, string?> settings = new(StringComparer.OrdinalIgnoreCase);

    Setup(JsonElement setup)
    {
        foreach (var field in setup.EnumerateObject())
        {
            if (!Known.Contains(field.Name))
            {
                throw new UsageException($"The setup has the field '{field.Name}'; its fields are {string.Join(", ", Known)}.");
            }
        }

        foreach (var (name, value) in Object(setup, "settings"))
        {
            settings[name] = value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
        }

        if (setup.TryGetProperty("jobs", out var jobs)) settings["SCHEDULER_JOBS"] = jobs.GetRawText();
        if (setup.TryGetProperty("auth", out var auth) && auth.ValueKind != JsonValueKind.Null)
        {
            settings["SCHEDULER_AUTH"] = auth.GetRawText();
        }

        if (!settings.Keys.Any(IsStore)) settings["SCHEDULER_STORE"] = "memory";
        Handlers = [.. Object(setup, "handlers").Select(handler => HandlerText.Read(handler.Name, handler.Value))];
        var options = Settings.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        HasFilesOfItsOwn = options is { Store.Kind: "memory", LockFile: null };
    }

    /// <summary>Gets the settings by key, in the form of a configuration.</summary>
    public IReadOnlyDictionary<string, string?> Values => settings;

    /// <summary>Gets the handlers.</summary>
    public IReadOnlyList<HandlerText> Handlers { get; }

    /// <summary>
    /// Gets whether the server keeps its jobs in memory and names no lock file.
    /// Such a server shares no files with other hosts.
    /// </summary>
    public bool HasFilesOfItsOwn { get; }

    /// <summary>Reads a transcript's first line.</summary>
    /// <exception cref="UsageException">The line is invalid.</exception>
    /// <exception cref="SettingsException">The settings of the line are invalid.</exception>
    public static Setup Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadLines(path).FirstOrDefault() ?? "");
            return document.RootElement is { ValueKind: JsonValueKind.Object } line && line.TryGetProperty("setup", out var setup)
                && setup.ValueKind == JsonValueKind.Object
                ? new(setup)
                : throw new UsageException($"The first line of {path} has no object 'setup'.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be read: {e.Message}");
        }
        catch (JsonException)
        {
            throw new UsageException($"The first line of {path} is not JSON.");
        }
    }

    static IEnumerable<(string Name, JsonElement Value)> Object(JsonElement setup, string name)
    {
        if (!setup.TryGetProperty(name, out var value)) return [];
        return value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject().Select(field => (field.Name, field.Value))
            : throw new UsageException($"The setup's {name} is {value.GetRawText()}; an object is allowed.");
    }

    static bool IsStore(string key) => key.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant() is var name
        && (name.EndsWith("STORE", StringComparison.Ordinal) || name.EndsWith("JOBSTORES", StringComparison.Ordinal)
            || name.Contains("JOBSTORES:", StringComparison.Ordinal));
}
