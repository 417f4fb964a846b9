using System.Text.Json;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>Writes a job as JSON: APScheduler's fields, and further fields only for additional features.</summary>
public static class JobJson
{
    /// <summary>Writes the job as an object.</summary>
    /// <param name="writer">The writer, positioned for a value.</param>
    /// <param name="job">The job.</param>
    /// <param name="zone">The scheduler's time zone, which is omitted from the output.</param>
    /// <param name="end">The end of a job that has ended since the job was read, so that it has neither a next fire time nor a
    /// pause any longer. Null for <see cref="JobInfo.Ended"/>.</param>
    /// <param name="more">Writes further properties, or null.</param>
    public static void Write(Utf8JsonWriter writer, JobInfo job, ZoneClock zone, JobEnd? end = null, Action<Utf8JsonWriter>? more = null)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(zone);
        writer.WriteStartObject();
        writer.WriteString("id", job.Id.Value);
        writer.WriteString("name", job.Name);
        writer.WriteString("func", job.Handler);
        WriteRaw(writer, "args", job.Arguments.Args);
        WriteRaw(writer, "kwargs", job.Arguments.Kwargs);
        JobFields.Write(writer, job, zone);
        end ??= job.Ended;
        if (end is null && job.NextFireTime is { } next) writer.WriteString("next_run_time", IsoTime.Format(next));
        else writer.WriteNull("next_run_time");
        if (end is { } ended) writer.WriteString("ended", OutcomeWords.Of(ended));
        else if (job.Paused is { } pause) WritePause(writer, pause, zone);
        if (job.Error is { } error) writer.WriteString("error", error);
        more?.Invoke(writer);
        writer.WriteEndObject();
    }

    /// <summary>Writes the details of a pause as the property <c>paused</c>. Writes nothing for a pause of the job itself, or of
    /// the whole scheduler, without details, like APScheduler.</summary>
    /// <param name="writer">The writer, positioned inside an object.</param>
    /// <param name="pause">The pause.</param>
    /// <param name="zone">The zone of the instants.</param>
    public static void WritePause(Utf8JsonWriter writer, PauseInfo pause, ZoneClock zone)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(zone);
        if (pause is { By: null, Why: null, Until: null, Scope: null }) return;
        writer.WriteStartObject("paused");
        writer.WriteString("at", IsoTime.Format(zone.ToZone(pause.Since)));
        writer.WriteString("until", pause.Until is { } until ? IsoTime.Format(zone.ToZone(until)) : null);
        writer.WriteString("by", pause.By);
        writer.WriteString("reason", pause.Why);
        if (pause.Scope is { } scope)
        {
            writer.WriteString("scope", OutcomeWords.Of(scope));
            writer.WriteString("name", pause.Name);
        }

        writer.WriteEndObject();
    }

    static void WriteRaw(Utf8JsonWriter writer, string name, string json)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(json);
    }
}
