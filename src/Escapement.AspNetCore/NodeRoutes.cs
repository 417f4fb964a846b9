using Escapement.Hosting;
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
        return new JsonAnswer(writer => NodeJson.WriteList(writer, nodes));
    }
}
