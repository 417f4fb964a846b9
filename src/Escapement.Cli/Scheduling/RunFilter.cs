using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Triggers;

namespace Escapement.Cli.Scheduling;

/// <summary>Reads the filters of <c>runs</c> for a store.</summary>
static class RunFilter
{
    /// <exception cref="FormatException">A value is not allowed. The message names the option, the value and what is allowed.</exception>
    public static RunQuery Read(RunsRequest request, DateTimeOffset now, ZoneClock zone)
    {
        var (since, until) = (Time("--since", request.Since, now, zone), Time("--until", request.Until, now, zone));
        if (since >= until)
        {
            throw new FormatException($"--until: '{Printable.Shown(request.Until!)}' is not after --since '{Printable.Shown(request.Since!)}'.");
        }

        return new()
        {
            Job = request.Job is { } job ? JobId.Parse(job) : null,
            Outcomes = request.Outcome is { } outcome ? FilterWords.Outcomes("--outcome", outcome) : null,
            Reasons = request.Reason is { } reason ? FilterWords.Reasons("--reason", reason) : null,
            Causes = request.Cause is { } cause ? FilterWords.Causes("--cause", cause) : null,
            Node = request.Node,
            Tag = request.Tag,
            Since = since,
            Until = until,
            Limit = request.Limit,
        };
    }

    static DateTimeOffset? Time(string option, string? text, DateTimeOffset now, ZoneClock zone) => text is null ? null
        : PointInTime.TryParse(text, now, zone, out var instant) ? instant
        : throw new FormatException($"{option}: '{Printable.Shown(text)}' is not a time: {PointInTime.Allowed}.");
}
