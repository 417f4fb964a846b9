using Escapement.Ledger;
using Escapement.Rows;

namespace Escapement.PostgreSql;

/// <summary>The row of the scheduler state with its open pause.</summary>
sealed class StateRow
{
    public long? ShutDown { get; init; }

    public long? PausedFrom { get; init; }

    public long? PausedTo { get; init; }

    public long? PausedAction { get; init; }

    public string? Declared { get; init; }

    public long? CompleteSince { get; init; }

    public PauseRow? Pause { get; init; }

    public SchedulerState ToState() => ToState(Pause?.ToRecord());

    public SchedulerState ToState(PauseRecord? pause) => new()
    {
        Paused = pause,
        ShutDown = PauseRow.Instant(ShutDown),
        PausedBefore = PauseRow.Instant(PausedFrom) is { } from && PauseRow.Instant(PausedTo) is { } to
            ? new(from, to) { Action = PausedAction }
            : null,
        Declared = Declared,
        CompleteSince = PauseRow.Instant(CompleteSince),
    };
}

/// <summary>A row of a pause.</summary>
sealed class PauseRow
{
    public required long At { get; init; }

    public long? Until { get; init; }

    public string? By { get; init; }

    public string? Why { get; init; }

    public long? Action { get; init; }

    public long? OfScope { get; init; }

    public string? OfName { get; init; }

    public long? Failures { get; init; }

    public PauseRecord ToRecord() => new()
    {
        At = Ledger.Instant.FromMicros(At),
        Until = PauseChecks.Until(Until),
        By = By,
        Why = Why,
        Action = Action,
        Scope = (PauseScope?)OfScope,
        Name = OfName,
        AfterFailures = PauseChecks.Failures(Failures),
    };

    public static DateTimeOffset? Instant(long? micros) => micros is { } at ? Ledger.Instant.FromMicros(at) : null;
}
