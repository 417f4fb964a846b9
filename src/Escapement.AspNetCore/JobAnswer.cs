using System.Text.Json;
using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Ledger;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>Answers requests about jobs.</summary>
static class JobAnswer
{
    /// <summary>Wraps a route that requires visibility of the jobs.</summary>
    public static ApiHandler Seeing(ApiContext parts, Func<HttpContext, CancellationToken, Task<IResult>> handler) =>
        async context => parts.Blind() ?? await handler(context, context.RequestAborted);

    /// <summary>Returns the response with a job and its version.</summary>
    /// <param name="parts">The shared objects.</param>
    /// <param name="context">The request.</param>
    /// <param name="job">The job.</param>
    /// <param name="end">The end of a job that has ended since the job was read, or null.</param>
    /// <param name="more">Writes further properties, or null.</param>
    public static IResult Of(ApiContext parts, HttpContext context, JobInfo job, JobEnd? end = null, Action<Utf8JsonWriter>? more = null)
    {
        EntityTag.Write(context, job);
        return new JsonAnswer(writer => JobJson.Write(writer, job, parts.Zone, end, more));
    }

    /// <summary>Returns a job, or null if no job has the id or the job has ended.</summary>
    public static async Task<JobInfo?> FindAsync(ApiContext parts, JobId id, CancellationToken cancellationToken)
    {
        try
        {
            return await parts.Scheduler.JobAsync(id.Value, cancellationToken);
        }
        catch (JobNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Returns how a job that was not found has ended.</summary>
    public static async Task<JobEnd> EndAsync(ApiContext parts, JobId id, CancellationToken cancellationToken) =>
        (await parts.Store.JobsAsync(new() { Id = id, Ended = true }, cancellationToken)).Jobs is [{ Ended: { } end }]
            ? end
            : JobEnd.Removed;
}
