using System.Text.Json;

namespace Escapement.Jobs;

/// <summary>An option of a job: its name, range and default, and the conversion of its value.</summary>
/// <remarks>The options are listed in <see cref="JobOptionTable"/>. Settings, REST, builder, stored document and tool
/// all use this list.</remarks>
/// <param name="name">The name in settings and REST.</param>
/// <param name="form">The conversion and the allowed values.</param>
/// <param name="standard">The default, unless <see cref="DefaultBy"/> gives another default.</param>
sealed class JobOption(string name, JobOptionForm form, object? standard)
{
    /// <summary>The name in settings and REST.</summary>
    public string Name { get; } = name;

    /// <summary>The conversion and the allowed values.</summary>
    public JobOptionForm Form { get; } = form;

    /// <summary>The default for a job added at run time with a trigger.</summary>
    public object? Default { get; } = standard;

    /// <summary>The row of docs/settings.md: allowed values, meaning, default.</summary>
    public required string Meaning { get; init; }

    /// <summary>The default by origin, and by whether the job has a trigger. Null if all jobs have
    /// <see cref="Default"/>.</summary>
    public Func<JobOrigin, bool, object?>? DefaultBy { get; init; }

    /// <summary>True if <c>JOB_DEFAULTS</c> may set the option for all jobs.</summary>
    public bool InJobDefaults { get; init; } = true;

    /// <summary>True if a job may have no value, such as no limit of runs.</summary>
    public bool MayBeNull { get; init; }

    /// <summary>True if every stored document contains the option. Otherwise the value <see cref="Unstored"/> is
    /// omitted.</summary>
    public bool IsAlwaysStored { get; init; }

    /// <summary>The value for documents without the option.</summary>
    public object? Unstored { get; init; } = standard;

    /// <summary>Returns true if REST shows the option for jobs of an origin. Null if REST shows every value except the
    /// default.</summary>
    public Func<JobOrigin, bool>? ShownFor { get; init; }

    /// <summary>The index in the table.</summary>
    public int Index { get; internal set; }

    /// <summary>Returns the default for a new job.</summary>
    public object? DefaultOf(JobOrigin origin, bool hasTrigger) => DefaultBy is null ? Default : DefaultBy(origin, hasTrigger);

    /// <summary>Returns a value given by a program in its stored form.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of its range.</exception>
    public object Checked(object value) =>
        Form.Take(value) ?? throw new ArgumentOutOfRangeException(nameof(value), value, $"{Name} is {Shown(value)}; {Form.Allowed}.");

    /// <summary>Returns true if REST shows a value of the option for a job of an origin.</summary>
    public bool IsShown(object? value, JobOrigin origin) => ShownFor?.Invoke(origin) ?? !Equals(value, Default);

    /// <summary>Writes a value in the form of settings and REST.</summary>
    public void Write(Utf8JsonWriter writer, object? value)
    {
        writer.WritePropertyName(Name);
        if (value is null) writer.WriteNullValue();
        else Form.Write(writer, value);
    }

    /// <summary>Writes a value into a stored document.</summary>
    public void Store(Utf8JsonWriter writer, object? value)
    {
        if (IsAlwaysStored || !Equals(value, Unstored)) Form.Store(writer, Name, value!);
    }

    /// <summary>Reads the value from a stored document.</summary>
    /// <exception cref="FormatException">The value is invalid or missing. The message names the field.</exception>
    public object? ReadStored(JsonElement document) =>
        Form.ReadStored(document, Name) ?? (IsAlwaysStored ? throw new FormatException($"{Name} is missing; {Form.Allowed}.") : Unstored);

    static string Shown(object value)
    {
        var text = value is IEnumerable<string> list ? $"[{string.Join(", ", list)}]" : $"{value}";
        return text is "" ? "empty" : text.Length > 60 ? text[..60] + "…" : text;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
