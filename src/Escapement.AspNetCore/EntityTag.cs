using Escapement.Jobs;
using Escapement.Triggers;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Escapement.AspNetCore;

/// <summary>A job's version as <c>ETag</c> and <c>If-Match</c>: grows with each change of definition or pause, not with each run.</summary>
static class EntityTag
{
    /// <summary>Says at which version the job that is answered is.</summary>
    public static void Write(HttpContext context, JobInfo job) => context.Response.Headers.ETag = Of(job);

    /// <summary>Returns the only version for which a change is asked, or null for any.</summary>
    /// <param name="context">The request.</param>
    /// <param name="job">The job as it was read just before: the change itself must hold the version fast.</param>
    /// <exception cref="JobChangedException">The job is at none of the versions that are named.</exception>
    public static long? Demanded(HttpContext context, JobInfo job)
    {
        if (context.Request.Headers.IfMatch is not { Count: > 0 } given) return null;
        if (!EntityTagHeaderValue.TryParseList(given, out var tags))
        {
            throw new FormatException(
                $"If-Match is '{Printable.Shown(given.ToString())}'; the value of an ETag header is allowed, in quotation marks, or *.");
        }

        if (tags.Contains(EntityTagHeaderValue.Any)) return null;
        return tags.Any(tag => !tag.IsWeak && tag.Tag == Of(job)) ? job.Version : throw new JobChangedException(job.Id);
    }

    /// <summary>Returns whether the request names versions at all.</summary>
    public static bool IsDemanded(HttpContext context) => context.Request.Headers.IfMatch.Count > 0;

    static string Of(JobInfo job) => $"\"{job.Version}\"";
}
