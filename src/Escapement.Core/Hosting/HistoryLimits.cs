using Escapement.Jobs;

namespace Escapement.Hosting;

/// <summary>Checks the limits of a job's history against the retention of the whole store.</summary>
static class HistoryLimits
{
    /// <summary>Returns the option that keeps runs for longer than the retention, with the end of its error message, or
    /// null.</summary>
    /// <param name="policies">The options of a job.</param>
    /// <param name="options">The settings.</param>
    public static (string Name, int Days, string Allowed)? Fault(JobPolicies policies, EscapementOptions options)
    {
        ReadOnlySpan<JobOption> ages = [JobOptionTable.HistoryDays, JobOptionTable.HistoryFailedDays];
        foreach (var option in ages)
        {
            if (policies[option] is int days && TimeSpan.FromDays(days) > options.Retention)
            {
                return (option.Name, days,
                    $"at most {(int)options.Retention.TotalDays} is allowed, because RETENTION is {DurationText.Format(options.Retention)}. A longer RETENTION keeps runs for longer");
            }
        }

        return null;
    }

    /// <summary>Throws if an option keeps runs for longer than the retention.</summary>
    /// <exception cref="FormatException">The message names the option, the value and the limit.</exception>
    public static void Check(JobPolicies policies, EscapementOptions options)
    {
        if (Fault(policies, options) is var (name, days, allowed)) throw new FormatException($"{name} is {days}; {allowed}.");
    }
}
