using System.Text.Json;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>Writes pauses and recorded changes as JSON. Instants are in UTC.</summary>
public static class ChangeJson
{
    /// <summary>Writes a pause as an object.</summary>
    /// <param name="writer">The writer, positioned for a value.</param>
    /// <param name="pause">The pause.</param>
    /// <param name="sentence">The pause in words: <see cref="ListedPause.Sentence"/>.</param>
    public static void Write(Utf8JsonWriter writer, ListedPause pause, string sentence)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(pause);
        writer.WriteStartObject();
        writer.WriteString("scope", OutcomeWords.Of(pause.Scope));
        writer.WriteString("name", pause.Scope == PauseScope.All ? null : pause.Name);
        writer.WriteString("at", Time(pause.Since));
        writer.WriteString("until", Time(pause.Until));
        writer.WriteString("ended", Time(pause.Ended));
        writer.WriteString("by", pause.By);
        writer.WriteString("reason", pause.Why);
        if (pause.Jobs is { } jobs) writer.WriteNumber("jobs", jobs);
        else writer.WriteNull("jobs");
        if (pause.AfterFailures is { } failures) writer.WriteNumber("after_failures", failures);
        writer.WriteString("sentence", sentence);
        writer.WriteEndObject();
    }

    /// <summary>Writes the pauses that hold a job as the property <c>held_by</c>. Writes nothing without such a pause.</summary>
    /// <param name="writer">The writer, positioned inside an object.</param>
    /// <param name="job">The job.</param>
    /// <param name="pauses">The pauses that last.</param>
    /// <param name="sentence">Returns a pause in words.</param>
    public static void WriteHeld(Utf8JsonWriter writer, JobInfo job, IEnumerable<ListedPause> pauses, Func<ListedPause, string> sentence)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(sentence);
        List<ListedPause> held = [.. pauses.Where(pause => pause.Holds(job))];
        if (held is []) return;
        writer.WriteStartArray("held_by");
        foreach (var pause in held) Write(writer, pause, sentence(pause));
        writer.WriteEndArray();
    }

    /// <summary>Writes the jobs of a tag or an executor as an object.</summary>
    /// <param name="writer">The writer, positioned for a value.</param>
    /// <param name="jobs">The jobs.</param>
    public static void Write(Utf8JsonWriter writer, ScopedJobs jobs)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(jobs);
        writer.WriteStartObject();
        writer.WriteNumber("jobs", jobs.Jobs);
        writer.WriteNumber("changed", jobs.Changed);
        writer.WriteNumber("held", jobs.Held);
        writer.WriteEndObject();
    }

    /// <summary>Writes a recorded change as an object.</summary>
    /// <param name="writer">The writer, positioned for a value.</param>
    /// <param name="action">The change.</param>
    public static void Write(Utf8JsonWriter writer, JobAction action)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(action);
        writer.WriteStartObject();
        writer.WriteNumber("number", action.Number);
        writer.WriteString("at", Time(action.At));
        writer.WriteString("kind", OutcomeWords.Of(action.Kind));
        writer.WriteString("job_id", action.Job?.Value);
        writer.WriteString("scope", action.Scope is { } scope ? OutcomeWords.Of(scope) : null);
        writer.WriteString("name", action.ScopeName);
        writer.WriteString("by", action.By);
        writer.WriteString("reason", action.Why);
        writer.WriteString("origin", action.Origin);
        writer.WriteString("until", Time(action.Until));
        writer.WriteString("next_before", Time(action.From));
        writer.WriteString("next_after", Time(action.To));
        WriteState(writer, "before", action.Before);
        WriteState(writer, "after", action.After);
        writer.WriteEndObject();
    }

    /// <summary>Writes a change of a definition as an object.</summary>
    internal static void Write(Utf8JsonWriter writer, LedgerChange change)
    {
        var action = change.Action;
        writer.WriteStartObject();
        writer.WriteNumber("number", action.Number);
        writer.WriteString("at", Time(action.At));
        writer.WriteString("kind", OutcomeWords.Of(action.Kind));
        writer.WriteString("by", action.By);
        writer.WriteString("reason", action.Why);
        WriteState(writer, "before", action.Before);
        WriteState(writer, "after", action.After);
        writer.WriteString("sentence", change.Sentence);
        writer.WriteEndObject();
    }

    // A text that was changed by hand may be no JSON, and must not fail the whole list.
    static void WriteState(Utf8JsonWriter writer, string name, string? state)
    {
        if (state is null)
        {
            writer.WriteNull(name);
            return;
        }

        try
        {
            using var json = JsonDocument.Parse(state);
            writer.WritePropertyName(name);
            json.RootElement.WriteTo(writer);
        }
        catch (JsonException)
        {
            writer.WriteString(name, state);
        }
    }

    static string? Time(DateTimeOffset? instant) => instant is { } at ? IsoTime.Format(at.ToUniversalTime()) : null;
}
