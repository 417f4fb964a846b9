using System.Text.Json;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>Writes living processes and activations as JSON. Instants are in UTC.</summary>
public static class NodeJson
{
    /// <summary>Writes the living processes as an array: active processes first, then by start.</summary>
    /// <param name="writer">The writer, positioned for a value.</param>
    /// <param name="nodes">The processes in any order.</param>
    public static void WriteList(Utf8JsonWriter writer, IEnumerable<NodeInfo> nodes)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartArray();
        foreach (var node in nodes.OrderBy(node => node.Role != "active").ThenBy(node => node.StartedAt)) Write(writer, node);
        writer.WriteEndArray();
    }

    /// <summary>Writes a living process as an object.</summary>
    /// <param name="writer">The writer, positioned for a value.</param>
    /// <param name="node">The process.</param>
    public static void Write(Utf8JsonWriter writer, NodeInfo node)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(node);
        writer.WriteStartObject();
        writer.WriteString("id", node.Id);
        writer.WriteNumber("pid", node.Pid);
        writer.WriteString("host", node.Host);
        writer.WriteString("role", node.Role);
        writer.WriteString("reason", node.Reason is { } reason ? OutcomeWords.Of(reason) : null);
        writer.WriteString("sentence", node.Sentence);
        if (node.Epoch is { } epoch) writer.WriteNumber("epoch", epoch);
        else writer.WriteNull("epoch");
        writer.WriteString("started_at", IsoTime.Format(node.StartedAt.ToUniversalTime()));
        writer.WriteString("last_seen", IsoTime.Format(node.LastSeen.ToUniversalTime()));
        writer.WriteString("url", node.Url);
        writer.WriteString("version", node.Version);
        writer.WriteString("scope", node.Scope);
        writer.WriteEndObject();
    }

    /// <summary>Writes an activation as an object.</summary>
    /// <param name="writer">The writer, positioned for a value.</param>
    /// <param name="activation">The activation.</param>
    public static void Write(Utf8JsonWriter writer, NodeActivation activation)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(activation);
        writer.WriteStartObject();
        writer.WriteNumber("epoch", activation.Epoch);
        writer.WriteString("node", activation.Node.Id);
        writer.WriteNumber("pid", activation.Node.Pid);
        writer.WriteString("host", activation.Node.Host);
        writer.WriteString("begun", IsoTime.Format(activation.Begun.ToUniversalTime()));
        writer.WriteString("ended", activation.Ended is { } ended ? IsoTime.Format(ended.ToUniversalTime()) : null);
        writer.WriteString("how", activation.How is { } how ? OutcomeWords.Of(how) : null);
        writer.WriteString("ended_by", activation.EndedBy);
        if (activation.Gap is { } gap) writer.WriteNumber("gap", Seconds(gap));
        else writer.WriteNull("gap");
        writer.WriteString("sentence", activation.Sentence);
        writer.WriteEndObject();
    }

    static decimal Seconds(TimeSpan gap) => gap.Ticks / (decimal)TimeSpan.TicksPerSecond;
}
