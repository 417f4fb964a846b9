namespace Escapement.Jobs;

/// <summary>A value or null for each option of the table. Immutable, with value equality.</summary>
readonly struct JobOptionValues : IEquatable<JobOptionValues>
{
    readonly object?[] values;

    JobOptionValues(object?[] values) => this.values = values;

    /// <summary>Creates the values of all options with a function.</summary>
    public static JobOptionValues Of(IReadOnlyList<JobOption> all, Func<JobOption, object?> valueOf)
    {
        var values = new object?[all.Count];
        foreach (var option in all) values[option.Index] = valueOf(option);
        return new(values);
    }

    /// <summary>The value of an option.</summary>
    public object? this[JobOption option] => values[option.Index];

    /// <summary>Returns the values with a single option changed.</summary>
    public JobOptionValues With(JobOption option, object? value)
    {
        var changed = (object?[])values.Clone();
        changed[option.Index] = value;
        return new(changed);
    }

    /// <inheritdoc/>
    public bool Equals(JobOptionValues other) => ReferenceEquals(values, other.values) || values.AsSpan().SequenceEqual(other.values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is JobOptionValues other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var value in values) hash.Add(value);
        return hash.ToHashCode();
    }
}
