using System.Text.Json;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.AspNetCore;

/// <summary>A job as the API shows it: the original's fields, and beside them only what the original does not have.</summary>
static class JobJson
{
    /// <summary>Writes the job as one object.</summary>
    /// <param name="writer">Where a value can stand.</param>
    /// <param name="stored">The job.</param>
    /// <param name="zone">The scheduler's, which is not mentioned.</param>
    public static void Write(Utf8JsonWriter writer, StoredJob stored, ZoneClock zone)
    {
        var job = stored.Job;
        writer.WriteStartObject();
        writer.WriteString("id", job.Id.Value);
        writer.WriteString("name", job.Name);
        writer.WriteString("func", job.Handler);
        WriteRaw(writer, "args", job.Arguments.Args);
        WriteRaw(writer, "kwargs", job.Arguments.Kwargs);
        if (job.Trigger is { } trigger) TriggerJson.Write(writer, trigger, TriggerStyle.Rest, zone);
        else writer.WriteNull("trigger");
        foreach (var option in JobOptionTable.All)
            if (option.IsShown(job)) option.Write(writer, job.Options[option]);
        if (stored.ShownNext is { } next) writer.WriteString("next_run_time", IsoTime.Format(job.Trigger?.Display(next) ?? next));
        else writer.WriteNull("next_run_time");
        if (stored.Paused is { } mark) WritePause(writer, mark, zone);
        if (job.Error is { } error) writer.WriteString("error", error);
        writer.WriteEndObject();
    }

    /// <summary>What was said about a pause; nothing where nobody said anything, as in the original.</summary>
    public static void WritePause(Utf8JsonWriter writer, PauseMark mark, ZoneClock zone)
    {
        if (mark is { By: null, Why: null, Until: null }) return;
        writer.WriteStartObject("paused");
        writer.WriteString("at", IsoTime.Format(zone.ToZone(mark.At)));
        writer.WriteString("until", mark.Until is { } until ? IsoTime.Format(zone.ToZone(until)) : null);
        writer.WriteString("by", mark.By);
        writer.WriteString("reason", mark.Why);
        writer.WriteEndObject();
    }

    static void WriteRaw(Utf8JsonWriter writer, string name, string json)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(json);
    }
}
