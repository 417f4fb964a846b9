using System.Buffers;
using System.Text;
using System.Text.Json;
using Escapement.Triggers;

namespace Escapement.Jobs;

/// <summary>A job's definition as the JSON text that stores keep. Fields that a later version adds are passed over when read.</summary>
public static class JobDocument
{
    /// <summary>Writes a definition; its id stands beside it in the store.</summary>
    public static string Write(Job job)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("name", job.Name);
            writer.WriteString("handler", job.Handler);
            writer.WritePropertyName("args");
            writer.WriteRawValue(job.Arguments.Args);
            writer.WritePropertyName("kwargs");
            writer.WriteRawValue(job.Arguments.Kwargs);
            foreach (var option in JobOptionTable.All) option.Store(writer, job.Options[option]);
            writer.WriteNumber("origin", (int)job.Origin);
            if (job.DeclaredHash is { } hash) writer.WriteString("declared_hash", hash);
            if (job.Since is { } since) writer.WriteString("since", IsoTime.Format(since.ToUniversalTime()));
            if (job.Trigger is { } trigger)
            {
                writer.WriteStartObject("trigger");
                TriggerJson.Write(writer, trigger, TriggerStyle.Stored);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="FormatException">It is something else; the message names the job.</exception>
    public static Job Read(JobId id, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            return new()
            {
                Id = id,
                Name = root.GetProperty("name").GetString()!,
                Handler = root.GetProperty("handler").GetString()!,
                Arguments = JobArguments.From(root.GetProperty("args"), root.GetProperty("kwargs")),
                Options = new(option => option.ReadStored(root)),
                Origin = (JobOrigin)root.GetProperty("origin").GetInt32(),
                DeclaredHash = root.TryGetProperty("declared_hash", out var hash) ? hash.GetString() : null,
                Since = root.TryGetProperty("since", out var since) ? IsoTime.Parse(since.GetString()!, ZoneClock.Utc) : null,
                // A stored trigger names its zone and its start: nothing is left for the context to say.
                Trigger = root.TryGetProperty("trigger", out var trigger)
                    ? TriggerJson.Read(trigger, new(ZoneClock.Utc, DateTimeOffset.UnixEpoch, id.Value))
                    : null,
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new FormatException($"The stored definition of job {id} cannot be read: {e.Message} Was it written by a newer version of Escapement?", e);
        }
    }
}
