using Microsoft.Extensions.Configuration;

namespace Escapement.Hosting;

/// <summary>A place of the configuration in which settings stand, with the keys in it; of two places that disagree the earlier one holds.</summary>
/// <param name="Name">What stands before its keys: <c>Escapement:</c>, <c>Scheduler:</c> or <c>SCHEDULER_</c>.</param>
/// <param name="Entries">What stands in it, by its name there.</param>
/// <param name="IsOurs">Whether nobody else has keys there, so that an unknown one is a fault.</param>
sealed record SettingsScope(string Name, IReadOnlyList<(string Name, IConfigurationSection Section)> Entries, bool IsOurs)
{
    /// <summary>The canonical section.</summary>
    public const string Escapement = "Escapement";

    /// <summary>The section with the original's names.</summary>
    public const string Scheduler = "Scheduler";

    /// <summary>The three places, the one that holds first.</summary>
    public static IReadOnlyList<SettingsScope> Of(IConfiguration configuration) =>
    [
        new(Escapement + ":", Children(configuration.GetSection(Escapement)), IsOurs: true),
        new(Scheduler + ":", Children(configuration.GetSection(Scheduler)), IsOurs: false),
        new(SettingsKey.Prefix, [.. configuration.GetChildren()
            .Where(child => child.Key.StartsWith(SettingsKey.Prefix, StringComparison.OrdinalIgnoreCase)
                && child.Key.Length > SettingsKey.Prefix.Length)
            .Select(child => (child.Key[SettingsKey.Prefix.Length..], child))], IsOurs: false),
    ];

    /// <summary>The values of a key here; more than one when it is spelled in several ways.</summary>
    public IEnumerable<IConfigurationSection> Find(string name) =>
        from entry in Entries where SettingsKey.Folded(entry.Name) == SettingsKey.Folded(name) && IsSet(entry.Section) select entry.Section;

    static bool IsSet(IConfigurationSection section) => section.Value is not null || section.GetChildren().Any();

    static IReadOnlyList<(string, IConfigurationSection)> Children(IConfigurationSection section) =>
        [.. section.GetChildren().Select(child => (child.Key, child))];
}
