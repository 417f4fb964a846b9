using System.Globalization;

namespace Escapement.Hosting;

/// <summary>A key of the settings: its names, its form, and its conversion. The table of all keys is
/// <see cref="Settings.Keys"/>.</summary>
sealed class SettingsKey
{
    /// <summary>The prefix of environment variables and flat configuration keys.</summary>
    public const string Prefix = "SCHEDULER_";

    readonly Func<SettingsValue, object?> read;
    readonly Action<EscapementOptions, object?> set;

    SettingsKey(string name, Func<SettingsValue, object?> read, Action<EscapementOptions, object?> set) =>
        (Name, this.read, this.set) = (name, read, set);

    /// <summary>The name in the environment, without the prefix: <c>LOCK_FILE</c>.</summary>
    public string Name { get; }

    /// <summary>The name in a section: <c>LockFile</c>.</summary>
    public string SectionName =>
        string.Concat(Name.Split('_').Select(word => word[0] + CultureInfo.InvariantCulture.TextInfo.ToLower(word[1..])));

    /// <summary>The canonical key: <c>Escapement:LockFile</c>.</summary>
    public string Canonical => $"{SettingsScope.Escapement}:{SectionName}";

    /// <summary>The environment variable: <c>SCHEDULER_LOCK_FILE</c>.</summary>
    public string Variable => Prefix + Name;

    /// <summary>An older name of the key, after <see cref="Prefix"/>, or null.</summary>
    public string? OldName { get; init; }

    /// <summary>The form of the value, for people: <c>a duration</c>.</summary>
    public required string Form { get; init; }

    /// <summary>The default value, for people.</summary>
    public required string Default { get; init; }

    /// <summary>The meaning, in a sentence.</summary>
    public required string Meaning { get; init; }

    /// <summary>An example value in the form of an environment variable.</summary>
    public required string Example { get; init; }

    /// <summary>True if messages must not show the value.</summary>
    public bool Secret { get; init; }

    /// <summary>Creates a key with a value of type <typeparamref name="T"/>.</summary>
    internal static SettingsKey Of<T>(
        string name, string form, string standard, string meaning, string example, Func<SettingsValue, T> read, Action<EscapementOptions,
        T> set,
        string? oldName = null, bool secret = false) =>
        new(name, value => read(value), (options, value) => set(options, (T)value!))
        {
            OldName = oldName,
            Form = form,
            Default = standard,
            Meaning = meaning,
            Example = example,
            Secret = secret,
        };

    /// <summary>Reads a value without applying the value.</summary>
    /// <exception cref="FormatException">The value is invalid. The message names the key, the value and the allowed
    /// values.</exception>
    internal object? Read(SettingsValue value) => read(value);

    internal void Set(EscapementOptions options, object? value) => set(options, value);

    /// <summary>Returns the name without case and underscores, for comparisons.</summary>
    internal static string Folded(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    /// <inheritdoc/>
    public override string ToString() => Canonical;
}
