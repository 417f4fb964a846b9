using System.Text.Json;

namespace Escapement.Triggers.Tests;

/// <summary>Common helpers of the trigger tests.</summary>
static class FireTimes
{
    public static IEnumerable<DateTimeOffset> Of(Trigger trigger, DateTimeOffset from)
    {
        for (var next = trigger.Next(from); next is not null; next = trigger.Next(next.Value.AddMicroseconds(1))) yield return next.Value;
    }

    public static DateTimeOffset At(string text, string zone = "UTC") => IsoTime.Parse(text, ZoneClock.Get(zone));

    public static Trigger Cron(string expression, string zone = "UTC", string? jobId = null) =>
        TriggerText.Parse(expression, new(ZoneClock.Get(zone), default, jobId));

    public static Trigger Read(string json, string zone = "UTC", string now = "2030-01-01 00:00:00") =>
        TriggerJson.Read(JsonDocument.Parse(json).RootElement, new(ZoneClock.Get(zone), At(now), "job"));

    public static string Write(Trigger trigger, TriggerStyle style, string? known = null)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer,
            new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            TriggerJson.Write(writer, trigger, style, known is null ? null : ZoneClock.Get(known));
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
