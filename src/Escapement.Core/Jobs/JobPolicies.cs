using System.Buffers;
using System.Text;
using System.Text.Json;
using Escapement.Jobs;

namespace Escapement;

/// <summary>The options that a program, the settings or a request give a job; null means not given. The options themselves are in JobOptionTable.cs.</summary>
public sealed partial record JobPolicies
{
    static readonly JobOptionValues None = JobOptionValues.Of(_ => null);

    JobOptionValues values = None;

    /// <summary>No option is given.</summary>
    public JobPolicies()
    {
    }

    internal JobPolicies(Func<JobOption, object?> valueOf) => values = JobOptionValues.Of(valueOf);

    /// <summary>The value of an option; null if the option is not given.</summary>
    internal object? this[JobOption option]
    {
        get => values[option];
        init => values = values.With(option, value is null ? null : option.Checked(value));
    }

    /// <summary>The same options but for one.</summary>
    internal JobPolicies With(JobOption option, object? value) =>
        this with { values = values.With(option, value is null ? null : option.Checked(value)) };

    /// <summary>These, and where one is not given, that of <paramref name="fallback"/>.</summary>
    public JobPolicies Over(JobPolicies fallback) => new(option => this[option] ?? fallback[option]);

    /// <summary>Options with the given ones changed.</summary>
    public JobOptions ApplyTo(JobOptions before) => new(option => this[option] ?? before[option]);

    /// <summary>The options of a new job.</summary>
    /// <param name="origin">Jobs declared in code run late rather than never; others have APScheduler's grace of 1 s.</param>
    /// <param name="hasTrigger">A job without a trigger has no limit of runs unless one is given.</param>
    public JobOptions ToOptions(JobOrigin origin, bool hasTrigger) => new(option => this[option] ?? option.DefaultOf(origin, hasTrigger));

    /// <summary>The given options as JSON, for the hash of a declaration. An option that a later version adds changes no text.</summary>
    internal string Written()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var option in JobOptionTable.All)
                if (this[option] is { } value) option.Form.Store(writer, option.Name, value);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
