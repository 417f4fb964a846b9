using System.Globalization;

namespace Escapement.Simulation;

/// <summary>The kind of work in which a fault strikes.</summary>
enum Step
{
    Enter, Look, Ask, Raise, Heartbeat, Claim, Record, Settle, Leave, Change, Read, Handler,
}

/// <summary>The position of a fault within a step. A transaction has a before, an inside and an after.</summary>
enum When
{
    Before, Inside, After,
}

/// <summary>The kind of a fault.</summary>
enum Trouble
{
    /// <summary>The node is stopped by a signal, and continued later or never.</summary>
    Stop,

    /// <summary>The node is stopped by a debugger, which preserves its place in the queue for a lock.</summary>
    Hold,

    /// <summary>All nodes are stopped and continue one after the other.</summary>
    StopAll,

    /// <summary>The node is killed with <c>kill -9</c>.</summary>
    Kill,

    /// <summary>The node is asked to end.</summary>
    End,

    /// <summary>The node is cut off from the store.</summary>
    CutOff,

    /// <summary>No node can write to the store.</summary>
    Outage,

    /// <summary>The wall clock of the node is moved.</summary>
    MoveClock,

    /// <summary>Another file replaces the lock file at its path.</summary>
    ReplaceLockFile,

    /// <summary>Another node starts.</summary>
    StartNode,

    /// <summary>The node continues if stopped.</summary>
    GoOn,

    /// <summary>A client gives a job another next fire time.</summary>
    MoveJob,

    /// <summary>A client pauses a job and resumes the job.</summary>
    PauseJob,

    /// <summary>A client pauses a tag or the executor and resumes it.</summary>
    PauseScope,

    /// <summary>A client skips the next fire time of a job.</summary>
    SkipNext,

    /// <summary>A client pauses all jobs and resumes them.</summary>
    PauseAll,

    /// <summary>The requests of the node to the store are executed, and the answers are lost.</summary>
    LoseAnswers,

    /// <summary>
    /// The next statement of the node is held back on the server between its beginning and its locks.
    /// </summary>
    HoldStatement,

    /// <summary>The server ends the session of the node together with its locks.</summary>
    EndSession,

    /// <summary>The server ends the sessions of all nodes.</summary>
    EndSessions,

    /// <summary>A foreign transaction locks the row of a job and changes nothing.</summary>
    LockJob,

    /// <summary>The connections of the node end while the server executes its statements.</summary>
    BreakConnections,

    /// <summary>A client asks for a run of a job.</summary>
    AskForRun,

    /// <summary>A client limits a job to one run at a time and later restores its definition.</summary>
    LowerLimit,

    /// <summary>A client removes a job and adds the job again.</summary>
    RemoveJob,

    /// <summary>A client makes up for the missed fire times of a job.</summary>
    Backfill,
}

/// <summary>The target of a fault.</summary>
enum Whom
{
    Active, Standby, LockHolder, Draining, Anyone,
}

/// <summary>A planned fault.</summary>
/// <param name="Trouble">The kind.</param>
/// <param name="At">The instant, or the earliest instant.</param>
/// <param name="Whom">The target, determined at the instant of the fault.</param>
sealed partial record Fault(Trouble Trouble, TimeSpan At, Whom Whom = Whom.Active)
{
    /// <summary>
    /// Gets the duration, or null for a permanent fault.
    /// After a kill or an end, the time until another node starts, or null if none starts.
    /// </summary>
    public TimeSpan? Lasts { get; init; }

    /// <summary>Gets the point of the node at which the fault strikes.</summary>
    public (Step Step, When When)? Point { get; init; }

    /// <summary>Gets the name of another node whose point triggers the fault.</summary>
    public string? PointOf { get; init; }

    /// <summary>Gets the name of the only possible target, which takes precedence over <see cref="Whom"/>.</summary>
    public string? Node { get; init; }

    /// <summary>Gets the distance by which a clock or a job is moved.</summary>
    public TimeSpan By { get; init; }

    static readonly (Step, When)[] Points =
    [
        (Step.Raise, When.Before), (Step.Raise, When.Inside), (Step.Raise, When.After), (Step.Claim, When.Before),
        (Step.Claim, When.Inside),
        (Step.Claim, When.After), (Step.Heartbeat, When.Before), (Step.Heartbeat, When.After), (Step.Leave, When.Before),
        (Step.Leave, When.After),
        (Step.Record, When.Before), (Step.Handler, When.Before), (Step.Look, When.After), (Step.Settle, When.Before),
    ];

    /// <summary>Returns a random fault.</summary>
    public static Fault ByChance(Random chance, TimeSpan at)
    {
        var trouble = chance.Next(100) switch
        {
            < 30 => Trouble.Stop,
            < 34 => Trouble.Hold,
            < 40 => Trouble.StopAll,
            < 62 => Trouble.Kill,
            < 76 => Trouble.End,
            < 84 => Trouble.CutOff,
            < 89 => Trouble.Outage,
            < 93 => Trouble.MoveClock,
            < 97 => Trouble.ReplaceLockFile,
            _ => Trouble.StartNode,
        };
        var whom = chance.Next(100) switch
        {
            < 55 => Whom.Active,
            < 70 => Whom.Standby,
            < 82 => Whom.LockHolder,
            < 88 =>
            Whom.Draining,
            _ => Whom.Anyone
        };
        return new(trouble, at, whom)
        {
            Lasts = trouble switch
            {
                Trouble.Kill or Trouble.End => chance.Next(3) == 0 ? null : TimeSpan.FromSeconds(chance.NextDouble() * 10),
                Trouble.Stop or Trouble.Hold when chance.Next(4) == 0 => null,
                _ => TimeSpan.FromSeconds(chance.Next(3) switch
                {
                    0 => chance.NextDouble() * 6,
                    1 => 13 + chance.NextDouble() * 8,
                    _ =>
                    chance.NextDouble() * 45
                }),
            },
            Point = chance.Next(2) == 0 ? Points[chance.Next(Points.Length)] : null,
            By = TimeSpan.FromSeconds(
                (chance.Next(2) == 0 ? 1 : -1) * (chance.Next(2) == 0 ? chance.NextDouble() * 5 : chance.NextDouble() * 120)),
        };
    }

    /// <summary>Returns a random edit of a job through any node.</summary>
    public static Fault EditByChance(Random chance, TimeSpan at) =>
        new(
            chance.Next(6) switch
            {
                < 2 => Trouble.MoveJob,
                < 4 => Trouble.PauseJob,
                4 => Trouble.PauseScope,
                _ => Trouble.SkipNext,
            },
            at, Whom.Anyone)
        {
            Lasts = TimeSpan.FromSeconds(chance.NextDouble() * 30),
            By = TimeSpan.FromSeconds(chance.NextDouble() * 60 - 45),
        };

    /// <summary>Returns a backfill through any node.</summary>
    public static Fault BackfillByChance(Random chance, TimeSpan at) =>
        new(Trouble.Backfill, at + TimeSpan.FromSeconds(chance.NextDouble() * 90), Whom.Anyone);

    public override string ToString()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Trouble} {Node ?? Whom.ToString()} from {At.TotalSeconds:0.000}");
        if (Point is { } point) text += $" at {point.Step} ({point.When})";
        return text + (Lasts is { } time
            ? string.Create(CultureInfo.InvariantCulture, $", for {time.TotalSeconds:0.000} s")
            : ", for good");
    }
}
