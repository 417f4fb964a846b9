using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Cli.Scheduling;

/// <summary>Reads the filters of <c>runs</c> for a store.</summary>
static class RunFilter
{
    /// <exception cref="FormatException">A value is not allowed. The message names the option, the value and what is allowed.</exception>
    public static RunQuery Read(RunsRequest request, DateTimeOffset now, ZoneClock zone) => new()
    {
        Job = request.Job is { } job ? JobId.Parse(job) : null,
        Outcomes = Words("--outcome", request.Outcome, Enum.GetValues<Outcome>(), OutcomeWords.Of),
        Reasons = Words("--reason", request.Reason, Enum.GetValues<Reason>(), OutcomeWords.Of),
        Node = request.Node,
        Tag = request.Tag,
        Since = Time("--since", request.Since, now, zone),
        Until = Time("--until", request.Until, now, zone),
        Limit = request.Limit,
    };

    static HashSet<T>? Words<T>(string option, string? text, IReadOnlyList<T> values, Func<T, string> word) => text is null ? null :
    [
        .. text.Split(',', StringSplitOptions.TrimEntries).Select(part =>
            values.Where(value => string.Equals(word(value), part, StringComparison.OrdinalIgnoreCase)).ToList() is [var found]
                ? found
                : throw new FormatException(
                    $"{option}: '{Printable.Shown(part)}' is not known: {string.Join(", ", values.Select(word))} are."))
    ];

    static DateTimeOffset? Time(string option, string? text, DateTimeOffset now, ZoneClock zone) => text is null ? null
        : PointInTime.TryParse(text, now, zone, out var instant) ? instant
        : throw new FormatException($"{option}: '{Printable.Shown(text)}' is not a time: {PointInTime.Allowed}.");
}
