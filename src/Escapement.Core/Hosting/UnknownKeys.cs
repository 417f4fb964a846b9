using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>Keys that nobody reads: a fault in the section that is ours alone, elsewhere a remark, or a fault where a known key was most likely meant.</summary>
static class UnknownKeys
{
    /// <summary>How many letters an unknown key may differ from a known one for that to be meant.</summary>
    const int Mistyped = 2;

    public static void Find(IReadOnlyList<SettingsScope> scopes, EscapementOptions options, List<string> faults)
    {
        foreach (var scope in scopes)
        {
            var names = Names(scope).ToDictionary(SettingsKey.Folded, name => name);
            foreach (var (name, section) in scope.Entries.Where(entry => !names.ContainsKey(SettingsKey.Folded(entry.Name))))
            {
                var folded = SettingsKey.Folded(name);
                var mistyped = Suggestion.Within(folded, names.Keys, Mistyped);
                var nearest = mistyped ?? Suggestion.Within(folded, names.Keys, int.MaxValue - 1);
                var sentence = $"{section.Path} is not a key{(nearest is null ? "" : $"; the nearest is {scope.Name}{names[nearest]}")}.";
                if (scope.IsOurs || mistyped is not null)
                {
                    faults.Add(sentence + (scope.IsOurs ? "" : " Correct it, or rename it if it belongs to another program."));
                }
                else
                {
                    options.Remark(sentence + " It is passed over.");
                }
            }
        }
    }

    /// <summary>The known names as they are written in a scope.</summary>
    static IEnumerable<string> Names(SettingsScope scope) => scope.Name == SettingsKey.Prefix
        ? Settings.Keys.SelectMany(key => key.OldName is { } old ? [key.Name, old] : new[] { key.Name })
        : Settings.Keys.SelectMany(key =>
            key.OldName is { } old && !scope.IsOurs ? [key.SectionName, "ViewsEnabled"] : new[] { key.SectionName });
}
