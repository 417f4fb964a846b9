using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>A stretch of time in which fire times could not be claimed, with the reason.</summary>
public readonly struct DelayCause(Reason reason, DateTimeOffset from, DateTimeOffset to, string? executor = null, long? action = null)
{
    /// <summary>The reason.</summary>
    internal Reason Reason { get; init; } = reason;

    /// <summary>The beginning of the stretch.</summary>
    internal DateTimeOffset From { get; } = from;

    /// <summary>The exclusive end of the stretch.</summary>
    internal DateTimeOffset To { get; } = to;

    /// <summary>The only affected executor, or null for all executors.</summary>
    internal string? Executor { get; init; } = executor;

    /// <summary>The number of the causing <see cref="JobAction"/>, or null.</summary>
    internal long? Action { get; } = action;
}

/// <summary>The context of a claim, common to all jobs.</summary>
/// <param name="Now">The instant of the claim, in whole microseconds, read inside the claim's transaction.</param>
/// <param name="GraceLimit">The maximum misfire grace with <see cref="MisfireGrace.UntilNext"/>.</param>
/// <param name="Causes">The stretches in which fire times could not be claimed. The first stretch that covers a fire
/// time gives the reason.</param>
sealed record ClaimContext(DateTimeOffset Now, TimeSpan GraceLimit, IReadOnlyList<DelayCause> Causes)
{
    /// <summary>Returns the context of a claim: the scheduler's pause first, then downtimes, then the delays observed
    /// by the claiming node.</summary>
    /// <param name="now">The instant of the claim.</param>
    /// <param name="graceLimit">The maximum misfire grace with <see cref="MisfireGrace.UntilNext"/>.</param>
    /// <param name="state">The state of the scheduler.</param>
    /// <param name="downtimes">The stretches without an active node: <see cref="EpochRules.Downtimes"/>.</param>
    /// <param name="met">The delays observed by the claiming node: clock jumps, store outages, executors without a free
    /// slot.</param>
    public static ClaimContext Of(
        DateTimeOffset now, TimeSpan graceLimit, SchedulerState state, IReadOnlyList<DelayCause> downtimes, IReadOnlyList<DelayCause> met)
    {
        now = now.ToWholeMicros();
        DelayCause? pause = state switch
        {
            { Paused: { } mark, PausedSince: { } since } =>
                new(Reason.SchedulerPaused, since, DateTimeOffset.MaxValue, action: mark.Action),
            { PausedBefore: { } span } => new(Reason.SchedulerPaused, span.From, span.To, action: span.Action),
            _ => null,
        };
        return new(now, graceLimit, pause is null && met.Count == 0
            ? downtimes
            : [.. pause is { } cause ? [cause] : Array.Empty<DelayCause>(), .. downtimes, .. met]);
    }

    /// <summary>Returns the reason why a fire time beyond its misfire grace was not claimed in time, and the end of the
    /// stretch with the same reason.</summary>
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
