using System.Globalization;
using Escapement.Ledger;
using Escapement.Rules;
using Microsoft.Extensions.Logging;

namespace Escapement.Engine;

/// <summary>Logs missed fire times, with a line for each reason.</summary>
static class MissedLog
{
    const int MaxJobs = 5;

    /// <summary>Logs stretches of missed fire times.</summary>
    public static void Tell(ILogger log, IReadOnlyList<MissedTimes> missed)
    {
        if (missed.Count == 0 || !log.IsEnabled(LogLevel.Information)) return;
        foreach (var group in missed.GroupBy(stretch => stretch.Reason))
        {
            var jobs = group.Select(stretch => stretch.Job.Value).Distinct().ToList();
            var (first, last) = (group.Min(stretch => stretch.First), group.Max(stretch => stretch.Last));
            var times = first == last ? Time(first) : $"{Time(first)} to {Time(last)}";
            Log.Missed(log, Names.Bounded([.. jobs.Take(MaxJobs)], jobs.Count), times, ReasonText.Of(group.Key));
        }
    }

    static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
