namespace Escapement.Simulation;

sealed partial record Fault
{
    static readonly (Step, When)[] PointsOfEach =
    [
        (Step.Raise, When.Before), (Step.Raise, When.Inside), (Step.Raise, When.After), (Step.Claim, When.Before),
        (Step.Claim, When.Inside), (Step.Claim, When.After),
        (Step.Heartbeat, When.Before), (Step.Heartbeat, When.After), (Step.Leave, When.Before), (Step.Leave, When.Inside),
        (Step.Leave, When.After), (Step.Record, When.Before), (Step.Record, When.After),
        (Step.Handler, When.Before), (Step.Settle, When.Before), (Step.Settle, When.Inside), (Step.Settle, When.After),
        (Step.Change, When.Inside),
    ];

    /// <summary>Returns a random fault for a store in which every node is active.</summary>
    public static Fault OfEachByChance(Random chance, TimeSpan at)
    {
        var trouble = chance.Next(100) switch
        {
            < 21 => Trouble.Stop,
            < 26 => Trouble.StopAll,
            < 40 => Trouble.Kill,
            < 51 => Trouble.End,
            < 60 => Trouble.CutOff,
            < 69 => Trouble.LoseAnswers,
            < 79 => Trouble.HoldStatement,
            < 83 => Trouble.BreakConnections,
            < 87 => Trouble.EndSession,
            < 91 => Trouble.EndSessions,
            < 97 => Trouble.LockJob,
            _ => Trouble.StartNode,
        };
        return new(trouble, at, chance.Next(100) switch { < 80 => Whom.Active, < 88 => Whom.Draining, _ => Whom.Anyone })
        {
            Lasts = Length(chance, trouble),
            Point = chance.Next(2) == 0 ? PointsOfEach[chance.Next(PointsOfEach.Length)] : null,
        };
    }

    /// <summary>Returns a random edit during claims.</summary>
    public static Fault EditOfEachByChance(Random chance, TimeSpan at)
    {
        var trouble = chance.Next(8) switch
        {
            0 => Trouble.MoveJob,
            1 => Trouble.PauseJob,
            2 => Trouble.PauseAll,
            3 => Trouble.AskForRun,
            4 => Trouble.LowerLimit,
            5 => Trouble.PauseScope,
            6 => Trouble.SkipNext,
            _ => Trouble.RemoveJob
        };
        return EditByChance(chance, at) with { Trouble = trouble };
    }

    static TimeSpan? Length(Random chance, Trouble trouble)
    {
        var most = trouble is Trouble.LoseAnswers or Trouble.HoldStatement ? 4 : 40;
        return trouble switch
        {
            Trouble.Kill or Trouble.End => chance.Next(3) == 0 ? null : TimeSpan.FromSeconds(chance.NextDouble() * 10),
            Trouble.Stop when chance.Next(4) == 0 => null,
            _ => TimeSpan.FromSeconds(chance.NextDouble() * (chance.Next(3) switch { 0 => 1, 1 => 6, _ => most })),
        };
    }
}
