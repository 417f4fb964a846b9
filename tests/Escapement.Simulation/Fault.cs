using System.Globalization;

namespace Escapement.Simulation;

/// <summary>What a node is doing.</summary>
enum Step
{
    Enter, Look, Ask, Raise, Heartbeat, Claim, Record, Settle, Leave, Change, Read, Handler,
}

/// <summary>Where in it: a transaction has a before, an inside and an after.</summary>
enum When
{
    Before, Inside, After,
}

/// <summary>What befalls a node.</summary>
enum Trouble
{
    /// <summary>Stopped by a signal, and continued later or never.</summary>
    Stop,

    /// <summary>The same by a debugger, which leaves it its place among those that wait for a lock.</summary>
    Hold,

    /// <summary>All nodes are stopped and go on one after the other.</summary>
    StopAll,

    /// <summary><c>kill -9</c>.</summary>
    Kill,

    /// <summary>Asked to end.</summary>
    End,

    /// <summary>Cut off from the store.</summary>
    CutOff,

    /// <summary>Nobody can write to the store.</summary>
    Outage,

    /// <summary>Its wall clock is moved.</summary>
    MoveClock,

    /// <summary>Another file comes to the lock file's path.</summary>
    ReplaceLockFile,

    /// <summary>Another node starts.</summary>
    StartNode,

    /// <summary>It goes on, if it was stopped.</summary>
    GoOn,

    /// <summary>Somebody gives a job another next fire time.</summary>
    MoveJob,

    /// <summary>Somebody pauses a job, and resumes it.</summary>
    PauseJob,

    /// <summary>Somebody pauses all jobs, and resumes them.</summary>
    PauseAll,

    /// <summary>What it asks of the store is done, and the answers are lost.</summary>
    LoseAnswers,

    /// <summary>Its next statement is held back on the server between its beginning and its locks.</summary>
    HoldStatement,

    /// <summary>The server ends the session with its locks.</summary>
    EndSession,

    /// <summary>The server ends the sessions of all.</summary>
    EndSessions,

    /// <summary>A foreign transaction locks the row of a job and changes nothing.</summary>
    LockJob,

    /// <summary>Its connections end while the server works on what it has sent.</summary>
    BreakConnections,

    /// <summary>Somebody asks for a run of a job.</summary>
    AskForRun,

    /// <summary>Somebody lets a job run once at a time, and gives it back its definition.</summary>
    LowerLimit,

    /// <summary>Somebody removes a job, and adds it again.</summary>
    RemoveJob,
}

/// <summary>Whom it befalls.</summary>
enum Whom
{
    Active, Standby, LockHolder, Draining, Anyone,
}

/// <summary>One planned fault.</summary>
/// <param name="Trouble">What.</param>
/// <param name="At">When, or from when on.</param>
/// <param name="Whom">Whom, found at that moment.</param>
sealed partial record Fault(Trouble Trouble, TimeSpan At, Whom Whom = Whom.Active)
{
    /// <summary>How long it lasts; null: for ever. After a kill or an end: when another node starts; null: none does.</summary>
    public TimeSpan? Lasts { get; init; }

    /// <summary>It strikes when its node next comes to this point.</summary>
    public (Step Step, When When)? Point { get; init; }

    /// <summary>The point is another node's, this one's.</summary>
    public string? PointOf { get; init; }

    /// <summary>Only this node, whatever it is; in place of <see cref="Whom"/>.</summary>
    public string? Node { get; init; }

    /// <summary>How far a clock or a job is moved.</summary>
    public TimeSpan By { get; init; }

    static readonly (Step, When)[] Points =
    [
        (Step.Raise, When.Before), (Step.Raise, When.Inside), (Step.Raise, When.After), (Step.Claim, When.Before),
        (Step.Claim, When.Inside),
        (Step.Claim, When.After), (Step.Heartbeat, When.Before), (Step.Heartbeat, When.After), (Step.Leave, When.Before),
        (Step.Leave, When.After),
        (Step.Record, When.Before), (Step.Handler, When.Before), (Step.Look, When.After), (Step.Settle, When.Before),
    ];

    /// <summary>A fault by chance.</summary>
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

    /// <summary>What somebody does to a job over any node, by chance.</summary>
    public static Fault EditByChance(Random chance, TimeSpan at) =>
        new(chance.Next(2) == 0 ? Trouble.MoveJob : Trouble.PauseJob, at, Whom.Anyone)
        {
            Lasts = TimeSpan.FromSeconds(chance.NextDouble() * 30),
            By = TimeSpan.FromSeconds(chance.NextDouble() * 60 - 45),
        };

    public override string ToString()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Trouble} {Node ?? Whom.ToString()} from {At.TotalSeconds:0.000}");
        if (Point is { } point) text += $" at {point.Step} ({point.When})";
        return text + (Lasts is { } time
            ? string.Create(CultureInfo.InvariantCulture, $", for {time.TotalSeconds:0.000} s")
            : ", for good");
    }
}
