using System.Text.Json;
using Escapement.Triggers;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>The route of the living processes.</summary>
static class NodeRoutes
{
    public static void Map(ApiGroup api, ApiContext parts) =>
        api.Get("get_nodes", "/nodes", context => ListAsync(parts, context.RequestAborted));

    static async Task<IResult> ListAsync(ApiContext parts, CancellationToken cancellationToken)
    {
        var nodes = await parts.Scheduler.NodesAsync(cancellationToken);
        return JsonAnswer.List(nodes.OrderBy(node => node.Role != "active").ThenBy(node => node.StartedAt), Write);
    }

    static void Write(Utf8JsonWriter writer, NodeInfo node)
    {
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
}
