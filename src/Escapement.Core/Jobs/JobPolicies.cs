using System.Buffers;
using System.Text;
using System.Text.Json;
using Escapement.Jobs;

namespace Escapement;

/// <summary>Explicitly given options of a job, from code, settings or a request. Null means not given. The properties
/// are in JobOptionTable.cs.</summary>
public sealed partial class JobPolicies
{
    static readonly JobOptionValues None = JobOptionValues.Of(JobOptionTable.All, _ => null);

    JobOptionValues values = None;

    /// <summary>Creates policies without any option.</summary>
    public JobPolicies()
    {
    }

    internal JobPolicies(Func<JobOption, object?> valueOf) => values = JobOptionValues.Of(JobOptionTable.All, valueOf);

    /// <summary>The value of an option, or null if not given.</summary>
    internal object? this[JobOption option]
    {
        get => values[option];
        init => values = values.With(option, value is null ? null : option.Checked(value));
    }

    /// <summary>Returns the same options with a single option changed.</summary>
    internal JobPolicies With(JobOption option, object? value) =>
        new() { values = values.With(option, value is null ? null : option.Checked(value)) };

    /// <summary>Returns these options, completed by the options of <paramref name="fallback"/>.</summary>
    internal JobPolicies Over(JobPolicies fallback) => new(option => this[option] ?? fallback[option]);

    /// <summary>Returns options with the given options changed.</summary>
    internal JobOptions ApplyTo(JobOptions before) => new(option => this[option] ?? before[option]);

    /// <summary>Returns the options of a new job.</summary>
    /// <param name="origin">The origin. Jobs declared in code have the misfire grace
    /// <see cref="MisfireGrace.UntilNext"/>, further jobs have APScheduler's 1 s.</param>
    /// <param name="hasTrigger">True if the job has a trigger. A job without a trigger has no limit of runs by
    /// default.</param>
    internal JobOptions ToOptions(JobOrigin origin, bool hasTrigger) => new(option => this[option] ?? option.DefaultOf(origin, hasTrigger));

    /// <summary>Returns the given options as JSON, for the hash of a declaration. Options added in later versions do
    /// not change the text.</summary>
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
