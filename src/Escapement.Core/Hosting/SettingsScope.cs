using Microsoft.Extensions.Configuration;

namespace Escapement.Hosting;

/// <summary>A place of settings in the configuration, with its keys. If two places contradict, the earlier place takes
/// precedence.</summary>
/// <param name="Name">The prefix of the keys: <c>Escapement:</c>, <c>Scheduler:</c> or <c>SCHEDULER_</c>.</param>
/// <param name="Entries">The entries by name.</param>
/// <param name="IsOurs">True if the place belongs to Escapement only, so that an unknown key is an error.</param>
sealed record SettingsScope(string Name, IReadOnlyList<(string Name, IConfigurationSection Section)> Entries, bool IsOurs)
{
    /// <summary>The canonical section.</summary>
    public const string Escapement = "Escapement";

    /// <summary>The section with APScheduler's names.</summary>
    public const string Scheduler = "Scheduler";

    /// <summary>Returns the three places, by precedence.</summary>
    public static IReadOnlyList<SettingsScope> Of(IConfiguration configuration) =>
    [
        new(Escapement + ":", Children(configuration.GetSection(Escapement)), IsOurs: true),
        new(Scheduler + ":", Children(configuration.GetSection(Scheduler)), IsOurs: false),
        new(SettingsKey.Prefix, [.. configuration.GetChildren()
            .Where(child => child.Key.StartsWith(SettingsKey.Prefix, StringComparison.OrdinalIgnoreCase)
                && child.Key.Length > SettingsKey.Prefix.Length)
            .Select(child => (child.Key[SettingsKey.Prefix.Length..], child))], IsOurs: false),
    ];

    /// <summary>Returns the values of a key in this place. Several values mean several spellings.</summary>
    public IEnumerable<IConfigurationSection> Find(string name) =>
        from entry in Entries where SettingsKey.Folded(entry.Name) == SettingsKey.Folded(name) && IsSet(entry.Section) select entry.Section;

    static bool IsSet(IConfigurationSection section) => section.Value is not null || section.GetChildren().Any();

    static IReadOnlyList<(string, IConfigurationSection)> Children(IConfigurationSection section) =>
        [.. section.GetChildren().Select(child => (child.Key, child))];
}
