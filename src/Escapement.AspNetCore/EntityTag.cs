using Escapement.Jobs;
using Escapement.Triggers;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Escapement.AspNetCore;

/// <summary>A job's version as <c>ETag</c> and <c>If-Match</c>. The version grows with each change of definition or
/// pause, but not with runs.</summary>
static class EntityTag
{
    /// <summary>Writes the version of the returned job to the response.</summary>
    public static void Write(HttpContext context, JobInfo job) => context.Response.Headers.ETag = Of(job);

    /// <summary>Returns the only version that a change may apply to, or null for any version.</summary>
    /// <param name="context">The request.</param>
    /// <param name="job">The job as just read. The change itself must still check the version.</param>
    /// <exception cref="JobChangedException">The job's version is not among the requested versions.</exception>
    public static long? Demanded(HttpContext context, JobInfo job)
    {
        if (context.Request.Headers.IfMatch is not { Count: > 0 } given) return null;
        if (!EntityTagHeaderValue.TryParseList(given, out var tags))
        {
            throw new FormatException(
                $"If-Match is '{Printable.Shown(given.ToString())}'; the quoted value of an ETag header is allowed, or *.");
        }

        if (tags.Contains(EntityTagHeaderValue.Any)) return null;
        return tags.Any(tag => !tag.IsWeak && tag.Tag == Of(job)) ? job.Version : throw new JobChangedException(job.Id);
    }

    /// <summary>Returns true if the request names versions.</summary>
    public static bool IsDemanded(HttpContext context) => context.Request.Headers.IfMatch.Count > 0;

    static string Of(JobInfo job) => $"\"{job.Version}\"";
}
