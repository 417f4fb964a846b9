using System.Text.Json;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>Writes the answers of the ledger as JSON, for the REST API and for the tool. An answer never depends on the way
/// on which it was asked for.</summary>
public static class LedgerJson
{
    /// <summary>Writes the answer to "why did this job not run?" as an object.</summary>
    /// <param name="writer">The writer, positioned for a value.</param>
    /// <param name="report">The answer.</param>
    public static void Write(Utf8JsonWriter writer, WhyReport report)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(report);
        writer.WriteStartObject();
        writer.WriteString("job_id", report.Job.Value);
        WriteSpan(writer, report.From, report.To, report.At, report.CompleteSince);
        writer.WriteString("ended", report.Ended);
        WriteAccount(writer, report.Account);
        WriteActivations(writer, report.Activations);
        writer.WriteStartArray("changes");
        foreach (var change in report.Changes) ChangeJson.Write(writer, change);
        writer.WriteEndArray();
        WriteItems(writer, report.Items, withJob: false);
        writer.WriteStartArray("made_up");
        foreach (var item in report.MadeUp) Write(writer, item);
        writer.WriteEndArray();
        writer.WriteStartArray("unsuccessful");
        foreach (var run in report.Unsuccessful) RunJson.Write(writer, run);
        writer.WriteEndArray();
        WriteImbalances(writer, report.Imbalances, withJob: false);
        writer.WriteBoolean("cut", report.IsCut);
        writer.WriteEndObject();
    }

    /// <summary>Writes the account of all jobs as an object.</summary>
    /// <param name="writer">The writer, positioned for a value.</param>
    /// <param name="report">The account.</param>
    public static void Write(Utf8JsonWriter writer, AuditReport report)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(report);
        writer.WriteStartObject();
        WriteSpan(writer, report.From, report.To, report.At, report.CompleteSince);
        WriteAccount(writer, report.Account);
        WriteJobs(writer, report.Jobs);
        WriteActivations(writer, report.Activations);
        WriteCauses(writer, report.Causes);
        WriteImbalances(writer, report.Imbalances, withJob: true);
        writer.WriteBoolean("cut", report.IsCut);
        writer.WriteEndObject();
    }

    /// <summary>Writes the short account of all jobs as an object: the numbers, the processes and an item for each cause.</summary>
    /// <param name="writer">The writer, positioned for a value.</param>
    /// <param name="report">The account.</param>
    /// <param name="nodes">The living processes.</param>
    public static void WriteSummary(Utf8JsonWriter writer, AuditReport report, IEnumerable<NodeInfo> nodes)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(report);
        writer.WriteStartObject();
        WriteSpan(writer, report.From, report.To, report.At, report.CompleteSince);
        WriteAccount(writer, report.Account);
        WriteCauses(writer, report.Causes);
        writer.WriteNumber("imbalances", report.Imbalances.Count);
        writer.WritePropertyName("active");
        NodeJson.WriteList(writer, nodes.Where(node => node.Role == "active"));
        writer.WriteBoolean("cut", report.IsCut);
        writer.WriteEndObject();
    }

    /// <summary>Writes successive fire times that did not run as an object.</summary>
    /// <param name="writer">The writer, positioned for a value.</param>
    /// <param name="item">The fire times.</param>
    /// <param name="withJob">True to name the job.</param>
    public static void Write(Utf8JsonWriter writer, LedgerItem item, bool withJob)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(item);
        writer.WriteStartObject();
        if (withJob) writer.WriteString("job_id", item.Job.Value);
        WriteStretch(writer, item.First, item.Last, item.Count);
        writer.WriteString("reason", OutcomeWords.Of(item.Reason));
        writer.WriteString("kind", OutcomeWords.Of(item.Kind));
        writer.WriteBoolean("decided", item.IsDecided);
        writer.WriteString("sentence", item.Sentence);
        writer.WriteString("advice", item.Advice);
        writer.WriteEndObject();
    }

    static void Write(Utf8JsonWriter writer, MadeUpFireTimes item)
    {
        writer.WriteStartObject();
        WriteStretch(writer, item.First, item.Last, item.Count);
        writer.WriteString("reason", OutcomeWords.Of(item.Reason));
        writer.WriteString("by", item.By);
        writer.WriteString("at", item.At is { } at ? IsoTime.Format(at) : null);
        writer.WriteString("sentence", item.Sentence);
        writer.WriteEndObject();
    }

    static void WriteSpan(Utf8JsonWriter writer, DateTimeOffset from, DateTimeOffset to, DateTimeOffset at, DateTimeOffset? completeSince)
    {
        writer.WriteString("from", IsoTime.Format(from));
        writer.WriteString("to", IsoTime.Format(to));
        writer.WriteString("at", IsoTime.Format(at));
        writer.WriteString("complete_since", completeSince is { } since ? IsoTime.Format(since) : null);
    }

    static void WriteAccount(Utf8JsonWriter writer, LedgerAccount account)
    {
        writer.WriteStartObject("account");
        writer.WriteNumber("due", account.Due);
        writer.WriteNumber("ran", account.Ran);
        writer.WriteNumber("running", account.Running);
        writer.WriteNumber("skipped", account.Skipped);
        writer.WriteNumber("missed", account.Missed);
        writer.WriteBoolean("balanced", account.Balanced);
        writer.WriteString("sentence", account.Sentence);
        writer.WriteNumber("unsuccessful", account.Unsuccessful);
        writer.WriteNumber("made_up", account.MadeUp);
        writer.WriteEndObject();
    }

    static void WriteActivations(Utf8JsonWriter writer, IReadOnlyList<NodeActivation> activations)
    {
        writer.WriteStartArray("epochs");
        foreach (var activation in activations) NodeJson.Write(writer, activation);
        writer.WriteEndArray();
    }

    static void WriteItems(Utf8JsonWriter writer, IReadOnlyList<LedgerItem> items, bool withJob)
    {
        writer.WriteStartArray("entries");
        foreach (var item in items) Write(writer, item, withJob);
        writer.WriteEndArray();
    }

    static void WriteJobs(Utf8JsonWriter writer, IReadOnlyList<JobAccount> jobs)
    {
        writer.WriteStartArray("jobs");
        foreach (var job in jobs)
        {
            writer.WriteStartObject();
            writer.WriteString("job_id", job.Job.Value);
            writer.WriteString("complete_since", job.CompleteSince is { } since ? IsoTime.Format(since) : null);
            WriteAccount(writer, job.Account);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    static void WriteCauses(Utf8JsonWriter writer, IReadOnlyList<LedgerCause> causes)
    {
        writer.WriteStartArray("causes");
        foreach (var cause in causes)
        {
            writer.WriteStartObject();
            WriteStretch(writer, cause.First, cause.Last, cause.Count);
            writer.WriteString("reason", OutcomeWords.Of(cause.Reason));
            writer.WriteString("kind", OutcomeWords.Of(cause.Kind));
            writer.WriteNumber("job_count", cause.JobCount);
            writer.WriteStartArray("jobs");
            foreach (var job in cause.Jobs) writer.WriteStringValue(job.Value);
            writer.WriteEndArray();
            writer.WriteString("sentence", cause.Sentence);
            writer.WriteString("advice", cause.Advice);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    static void WriteImbalances(Utf8JsonWriter writer, IReadOnlyList<Imbalance> imbalances, bool withJob)
    {
        writer.WriteStartArray("imbalances");
        foreach (var imbalance in imbalances)
        {
            writer.WriteStartObject();
            if (withJob) writer.WriteString("job_id", imbalance.Job?.Value);
            writer.WriteString("fire_time", IsoTime.Format(imbalance.FireTime));
            writer.WriteString("sentence", imbalance.Sentence);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    static void WriteStretch(Utf8JsonWriter writer, DateTimeOffset first, DateTimeOffset last, long count)
    {
        writer.WriteString("first", IsoTime.Format(first));
        writer.WriteString("last", IsoTime.Format(last));
        writer.WriteNumber("count", count);
    }
}
