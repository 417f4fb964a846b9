using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>Reports unknown keys: as an error in the section Escapement and for probably mistyped keys, otherwise as a
/// remark.</summary>
static class UnknownKeys
{
    /// <summary>The maximum number of different letters between a mistyped key and the known key.</summary>
    const int Mistyped = 2;

    /// <summary>Finds the unknown keys.</summary>
    /// <param name="scopes">The scopes of the configuration.</param>
    /// <param name="keys">All keys.</param>
    /// <param name="options">Receives the remarks.</param>
    /// <param name="faults">Receives the errors.</param>
    public static void Find(
        IReadOnlyList<SettingsScope> scopes, IReadOnlyList<SettingsKey> keys, EscapementOptions options, List<string> faults)
    {
        foreach (var scope in scopes)
        {
            var names = Names(scope, keys).ToDictionary(SettingsKey.Folded, name => name);
            foreach (var (name, section) in scope.Entries.Where(entry => !names.ContainsKey(SettingsKey.Folded(entry.Name))))
            {
                var folded = SettingsKey.Folded(name);
                var mistyped = Suggestion.Within(folded, names.Keys, Mistyped);
                var nearest = mistyped ?? Suggestion.Within(folded, names.Keys, int.MaxValue - 1);
                var sentence = $"{section.Path} is not a key{(nearest is null ? "" : $"; the nearest is {scope.Name}{names[nearest]}")}.";
                if (scope.IsOurs || mistyped is not null)
                {
                    faults.Add(sentence + (scope.IsOurs ? "" : " Correct the key, or rename the key if it belongs to another program."));
                }
                else
                {
                    options.Remark(sentence + " The key is ignored.");
                }
            }
        }
    }

    /// <summary>Returns the known names in the spelling of a scope.</summary>
    static IEnumerable<string> Names(SettingsScope scope, IReadOnlyList<SettingsKey> keys) => scope.Name == SettingsKey.Prefix
        ? keys.SelectMany(key => key.OldName is { } old ? [key.Name, old] : new[] { key.Name })
        : keys.SelectMany(key =>
            key.OldName is { } old && !scope.IsOurs ? [key.SectionName, "ViewsEnabled"] : new[] { key.SectionName });
}
