using System.Globalization;

namespace Escapement.Hosting;

/// <summary>One key of the settings: its names, its form, and how it is read. The table of all is <see cref="Settings.Keys"/>.</summary>
sealed class SettingsKey
{
    /// <summary>What stands before a key that is an environment variable or a flat configuration key.</summary>
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

    /// <summary>An older name of the same key, after <see cref="Prefix"/>; null for most.</summary>
    public string? OldName { get; init; }

    /// <summary>What it is, for people: <c>a duration</c>.</summary>
    public required string Form { get; init; }

    /// <summary>What holds when it is not set, for people.</summary>
    public required string Default { get; init; }

    /// <summary>What it does, in a sentence.</summary>
    public required string Meaning { get; init; }

    /// <summary>A value as it stands in the environment.</summary>
    public required string Example { get; init; }

    /// <summary>Whether messages must not show the value.</summary>
    public bool Secret { get; init; }

    /// <summary>A key whose value is read to a <typeparamref name="T"/>.</summary>
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

    /// <summary>Reads a value without using it.</summary>
    /// <exception cref="FormatException">It cannot be read; the message names the key, the value and what is allowed.</exception>
    internal object? Read(SettingsValue value) => read(value);

    internal void Set(EscapementOptions options, object? value) => set(options, value);

    /// <summary>The name without case and underscores, by which sections are searched.</summary>
    internal static string Folded(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    /// <inheritdoc/>
    public override string ToString() => Canonical;
}
