using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>A stretch of time in which fire times could not be claimed, and why.</summary>
/// <param name="Reason">Why.</param>
/// <param name="From">The beginning of the stretch.</param>
/// <param name="To">The end of the stretch, not included.</param>
/// <param name="Executor">The only executor concerned; null for all.</param>
/// <param name="Action">The number of the <see cref="JobAction"/> behind it, if there is one.</param>
public readonly record struct DelayCause(Reason Reason, DateTimeOffset From, DateTimeOffset To, string? Executor = null,
    long? Action = null);

/// <summary>What holds for all jobs of one claim.</summary>
/// <param name="Now">The instant of the claim, in whole microseconds, read inside the claim's transaction.</param>
/// <param name="GraceLimit">The longest time that <see cref="MisfireGrace.UntilNext"/> allows.</param>
/// <param name="Causes">What kept fire times from being claimed in time; where several cover a fire time, the first one is told.</param>
public sealed record ClaimContext(DateTimeOffset Now, TimeSpan GraceLimit, IReadOnlyList<DelayCause> Causes)
{
    /// <summary>Returns the context of a claim: the scheduler's pause first, then downtime, then what the claiming node met itself.</summary>
    /// <param name="now">The instant of the claim.</param>
    /// <param name="graceLimit">The longest time that <see cref="MisfireGrace.UntilNext"/> allows.</param>
    /// <param name="state">The state of the scheduler.</param>
    /// <param name="downtimes">The stretches without an active node: <see cref="EpochRules.Downtimes"/>.</param>
    /// <param name="met">What the claiming node met: a clock that jumped, a store that was away, executors without a free slot.</param>
    public static ClaimContext Of(
        DateTimeOffset now, TimeSpan graceLimit, SchedulerState state, IReadOnlyList<DelayCause> downtimes, IReadOnlyList<DelayCause> met)
    {
        now = now.ToWholeMicros();
        DelayCause? pause = state switch
        {
            { Paused: { } mark } => new(Reason.SchedulerPaused, mark.At, DateTimeOffset.MaxValue, Action: mark.Action),
            { PausedBefore: { } span } => new(Reason.SchedulerPaused, span.From, span.To, Action: span.Action),
            _ => null,
        };
        return new(now, graceLimit, pause is null && met.Count == 0
            ? downtimes
            : [.. pause is { } cause ? [cause] : Array.Empty<DelayCause>(), .. downtimes, .. met]);
    }

    /// <summary>Returns why a fire time that is beyond its grace was not claimed in time, and until where the answer holds for later fire times.</summary>
    /// <param name="fireTime">The fire time.</param>
    /// <param name="executor">The executor of its job.</param>
    public (Reason Reason, long? Action, DateTimeOffset Until) ReasonAt(DateTimeOffset fireTime, string executor)
    {
        var (found, until) = (default(DelayCause?), DateTimeOffset.MaxValue);
        foreach (var cause in Causes)
        {
            if (cause.Executor is { } only && only != executor) continue;
            if (cause.From > fireTime)
            {
                if (cause.From < until) until = cause.From;
            }
            else if (cause.To > fireTime)
            {
                if (cause.To < until) until = cause.To;
                found ??= cause;
            }
        }

        return found is { } told ? (told.Reason, told.Action, until) : (Reason.MisfireGraceExceeded, null, until);
    }
}
