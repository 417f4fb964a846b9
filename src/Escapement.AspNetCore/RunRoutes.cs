using System.Globalization;
using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Triggers;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>The run routes.</summary>
static class RunRoutes
{
    const int DefaultLimit = 100;

    public static void Map(ApiGroup api, ApiContext parts)
    {
        api.Get("get_runs", "/runs", JobAnswer.Seeing(parts, (context, cancellationToken) => ListAsync(parts, context, cancellationToken)),
            "job_id", "limit", "before");
        api.Get("get_run", "/runs/{run_id}", JobAnswer.Seeing(parts, (context, cancellationToken) =>
            OneAsync(parts, (string)context.Request.RouteValues["run_id"]!, cancellationToken)));
    }

    static async Task<IResult> ListAsync(ApiContext parts, HttpContext context, CancellationToken cancellationToken)
    {
        var query = new RunQuery
        {
            Job = await JobAsync(parts, context, cancellationToken),
            Before = Before(context),
            Limit = Limit(context)
        };
        var page = await parts.Scheduler.RunsAsync(query, cancellationToken);
        if (page.Next is { } next) context.Response.Headers.Link = $"<{NextPage(context, query, next)}>; rel=\"next\"";
        return JsonAnswer.List(page.Runs, RunJson.Write);
    }

    static async Task<IResult> OneAsync(ApiContext parts, string text, CancellationToken cancellationToken) =>
        RunId.TryParse(text, out _) && await parts.Scheduler.FindRunAsync(text, cancellationToken) is { } run
            ? new JsonAnswer(writer => RunJson.Write(writer, run))
            : Problems.RunNotFound(text);

    /// <summary>Returns the job of the filter, or null without a filter. An ended job still has runs, but an unknown
    /// job is an error.</summary>
    static async Task<JobId?> JobAsync(ApiContext parts, HttpContext context, CancellationToken cancellationToken)
    {
        if (One(context, "job_id") is not { } text) return null;
        JobId id;
        try
        {
            id = JobId.Parse(text);
        }
        catch (FormatException)
        {
            throw new RefusedException(Problems.JobNotFound(text));
        }

        return (await parts.Store.JobsAsync(new() { Id = id, Ended = true }, cancellationToken)).Jobs is []
            ? throw new JobNotFoundException(id)
            : id;
    }

    static RunId? Before(HttpContext context) =>
        One(context, "before") is not { } text ? null
        : RunId.TryParse(text, out var id) ? id
        : throw new RefusedException(Problems.Field("before", $"'{Printable.Shown(text)}'",
            "the id of a run is allowed, as the Link header of the page before has it"));

    static int Limit(HttpContext context) =>
        One(context, "limit") is not { } text ? DefaultLimit
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= RunQuery.MaxLimit
            ? limit
        : throw new RefusedException(
            Problems.Field("limit", $"'{Printable.Shown(text)}'", $"a whole number from 1 to {RunQuery.MaxLimit} is allowed"));

    static string? One(HttpContext context, string name) => context.Request.Query[name] switch
    {
        [] => null,
        [var only] => only,
        var several => throw new RefusedException(Problems.Field(name, $"given {several.Count} times", "once is allowed")),
    };

    static string NextPage(HttpContext context, RunQuery query, RunId last)
    {
        var job = query.Job is { } id ? $"job_id={Uri.EscapeDataString(id.Value)}&" : "";
        return $"{context.Request.PathBase.ToUriComponent()}{context.Request.Path.ToUriComponent()}?{job}limit={query.Limit}&before={last}";
    }
}
