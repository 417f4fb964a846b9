using System.Text.Json;
using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>Writes a run as JSON. Instants are in UTC.</summary>
public static class RunJson
{
    /// <summary>Writes the run as an object.</summary>
    /// <param name="writer">The writer, positioned for a value.</param>
    /// <param name="run">The run.</param>
    public static void Write(Utf8JsonWriter writer, RunInfo run)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(run);
        writer.WriteStartObject();
        writer.WriteString("id", run.Id.ToString());
        writer.WriteString("job_id", run.Job.Value);
        writer.WriteString("state", OutcomeWords.Of(run.State));
        writer.WriteString("cause", OutcomeWords.Of(run.Cause));
        writer.WriteString("fire_time", Time(run.FireTime));
        writer.WriteString("started_at", Time(run.StartedAt));
        writer.WriteString("finished_at", Time(run.FinishedAt));
        writer.WriteString("outcome", run.Outcome is { } outcome ? OutcomeWords.Of(outcome) : null);
        writer.WriteString("reason", run.Reason is { } reason ? OutcomeWords.Of(reason) : null);
        writer.WriteString("error", run.Error ?? OutcomeWords.Remark(run));
        writer.WriteNumber("attempt", run.Attempt);
        writer.WriteString("node", run.Node);
        if (run.Epoch is { } epoch) writer.WriteNumber("epoch", epoch);
        else writer.WriteNull("epoch");
        writer.WriteEndObject();
    }

    static string? Time(DateTimeOffset? instant) => instant is { } at ? IsoTime.Format(at.ToUniversalTime()) : null;
}
