using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Triggers;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>The run routes.</summary>
static class RunRoutes
{
    /// <summary>The header with the fire time of the last run that was compared with the filter.</summary>
    public const string LookedTo = "Escapement-Looked-To";

    public static void Map(ApiGroup api, ApiContext parts)
    {
        api.Get("get_runs", "/runs", JobAnswer.Seeing(parts, (context, cancellationToken) => ListAsync(parts, context, cancellationToken)),
            RunFilter.Parameters);
        api.Get("get_run", "/runs/{run_id}", JobAnswer.Seeing(parts, (context, cancellationToken) =>
            OneAsync(parts, (string)context.Request.RouteValues["run_id"]!, cancellationToken)));
    }

    static async Task<IResult> ListAsync(ApiContext parts, HttpContext context, CancellationToken cancellationToken)
    {
        var filter = await RunFilter.ReadAsync(parts, context, cancellationToken);
        var page = await parts.Scheduler.RunsAsync(filter.Query, cancellationToken);
        if (page.Next is { } next) filter.LinkNext(context, next);
        if (page.LookedTo is { } at) context.Response.Headers[LookedTo] = IsoTime.Format(at.ToUniversalTime());
        return JsonAnswer.List(page.Runs, RunJson.Write);
    }

    static async Task<IResult> OneAsync(ApiContext parts, string text, CancellationToken cancellationToken) =>
        RunId.TryParse(text, out _) && await parts.Scheduler.FindRunAsync(text, cancellationToken) is { } run
            ? new JsonAnswer(writer => RunJson.Write(writer, run))
            : Problems.RunNotFound(text);
}
