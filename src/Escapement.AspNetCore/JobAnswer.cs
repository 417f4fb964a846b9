using Escapement.Hosting;
using Escapement.Jobs;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>Answers requests about jobs.</summary>
static class JobAnswer
{
    /// <summary>Wraps a route that requires visibility of the jobs.</summary>
    public static ApiHandler Seeing(ApiContext parts, Func<HttpContext, CancellationToken, Task<IResult>> handler) =>
        async context => parts.Blind() ?? await handler(context, context.RequestAborted);

    /// <summary>Returns the response with a job and its version.</summary>
    public static IResult Of(ApiContext parts, HttpContext context, JobInfo job, bool hasEnded = false)
    {
        EntityTag.Write(context, job);
        return new JsonAnswer(writer => JobJson.Write(writer, job, parts.Zone, hasEnded));
    }

    /// <summary>Returns the response with a job, or with the last known state of a job that has ended
    /// meanwhile.</summary>
    public static IResult Of(ApiContext parts, HttpContext context, JobInfo? job, JobInfo last) =>
        Of(parts, context, job ?? last, hasEnded: job is null);

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
}
