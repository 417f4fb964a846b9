using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Stores;
using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>Converts rows of a store to the results of <see cref="IScheduler"/>.</summary>
static class Answers
{
    /// <summary>Returns a job as shown to users, with an error if the given handlers lack the job's handler.</summary>
    public static JobInfo Of(StoredJob stored, HandlerRegistry? handlers = null)
    {
        var job = stored.Job;
        return new()
        {
            Id = job.Id,
            Name = job.Name,
            Handler = job.Handler,
            Arguments = job.Arguments,
            Trigger = job.Trigger is { } trigger ? TriggerText.Write(trigger) : null,
            TriggerValue = job.Trigger,
            Options = job.Options,
            Origin = job.Origin,
            NextFireTime = stored.ShownNext is { } next ? job.Trigger?.Display(next) ?? next : null,
            LastFireTime = stored.LastFireTime,
            Running = stored.Running,
            Paused = Of(stored.Paused),
            Ended = stored.Ended,
            Version = stored.Version,
            Error = job.Error ?? handlers?.Lack(job.Handler),
        };
    }

    /// <summary>Returns a run as shown to users.</summary>
    public static RunInfo Of(Run run) => RunInfo.Of(run);

    /// <summary>Returns a page of runs as shown to users.</summary>
    public static RunInfoPage Of(RunPage page) => new() { Runs = [.. page.Runs.Select(Of)], Next = page.Next, LookedTo = page.LookedTo };

    /// <summary>Returns a pause as shown to users, or null for null.</summary>
    public static PauseInfo? Of(PauseRecord? mark) =>
        mark is null ? null : new()
        {
            Since = mark.At,
            Until = mark.Until,
            By = mark.By,
            Why = mark.Why,
            Scope = mark.Scope,
            Name = mark.Name,
        };
}
