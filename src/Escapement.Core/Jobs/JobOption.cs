using System.Text.Json;

namespace Escapement.Jobs;

/// <summary>One option of a job: its name, range and default, and how its value is read, written and shown.</summary>
/// <remarks>The options are listed in <see cref="JobOptionTable"/>. Settings, REST, builder, stored document and tool walk that list.</remarks>
/// <param name="name">The name in settings and REST.</param>
/// <param name="form">How a value is read and written, and which values are allowed.</param>
/// <param name="standard">The default, where <see cref="DefaultBy"/> gives no other.</param>
sealed class JobOption(string name, JobOptionForm form, object? standard)
{
    /// <summary>The name in settings and REST.</summary>
    public string Name { get; } = name;

    /// <summary>How a value is read and written, and which values are allowed.</summary>
    public JobOptionForm Form { get; } = form;

    /// <summary>The default of a job that is added at run time and has a trigger.</summary>
    public object? Default { get; } = standard;

    /// <summary>The row of docs/settings.md: allowed values, meaning, default.</summary>
    public required string Meaning { get; init; }

    /// <summary>The default by origin, and by whether the job has a trigger; null where every job has <see cref="Default"/>.</summary>
    public Func<JobOrigin, bool, object?>? DefaultBy { get; init; }

    /// <summary>Whether <c>JOB_DEFAULTS</c> may set the option for all jobs.</summary>
    public bool InJobDefaults { get; init; } = true;

    /// <summary>Whether a job may be without a value, as one without a limit of runs is.</summary>
    public bool MayBeNull { get; init; }

    /// <summary>Whether every stored document has the option. Others are stored unless they have the value <see cref="Unstored"/>.</summary>
    public bool IsAlwaysStored { get; init; }

    /// <summary>The value that a document without the option stands for.</summary>
    public object? Unstored { get; init; } = standard;

    /// <summary>Whether REST shows the option of a job of this origin; null where REST shows every value but the default.</summary>
    public Func<JobOrigin, bool>? ShownFor { get; init; }

    /// <summary>The place in the table.</summary>
    public int Index { get; internal set; }

    /// <summary>The default of a new job.</summary>
    public object? DefaultOf(JobOrigin origin, bool hasTrigger) => DefaultBy is null ? Default : DefaultBy(origin, hasTrigger);

    /// <summary>A value that a program gives, in the form in which it is kept.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of its range.</exception>
    public object Checked(object value) =>
        Form.Take(value) ?? throw new ArgumentOutOfRangeException(nameof(value), value, $"{Name} is {Shown(value)}; {Form.Allowed}.");

    /// <summary>Returns whether REST shows the option of a job with these options and this origin.</summary>
    public bool IsShown(JobOptions options, JobOrigin origin) => ShownFor?.Invoke(origin) ?? !Equals(options[this], Default);

    /// <summary>Writes a value as settings and REST spell it.</summary>
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
    /// <exception cref="FormatException">The value cannot be read, or is missing; the message names the field.</exception>
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
