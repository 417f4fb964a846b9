using System.Text.Json;
using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>Writes the result of a backfill as JSON, for the REST API and for the tool. Instants are in UTC.</summary>
public static class BackfillJson
{
    /// <summary>Writes the result as an object.</summary>
    /// <param name="writer">The writer, positioned for a value.</param>
    /// <param name="result">The result.</param>
    public static void Write(Utf8JsonWriter writer, BackfillResult result)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(result);
        writer.WriteStartObject();
        writer.WriteString("job_id", result.Job.Value);
        writer.WriteString("from", IsoTime.Format(result.From.ToUniversalTime()));
        writer.WriteString("to", IsoTime.Format(result.To.ToUniversalTime()));
        writer.WriteBoolean("dry_run", result.IsDryRun);
        writer.WriteNumber("count", result.Runs.Count);
        writer.WriteNumber("already_run", result.AlreadyRun);
        writer.WriteNumber("undecided", result.Undecided);
        writer.WriteStartArray("runs");
        foreach (var run in result.Runs)
        {
            writer.WriteStartObject();
            writer.WriteString("fire_time", IsoTime.Format(run.FireTime.ToUniversalTime()));
            writer.WriteString("id", run.Id.ToString());
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
