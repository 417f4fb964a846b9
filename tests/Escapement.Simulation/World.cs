using System.Globalization;

namespace Escapement.Simulation;

/// <summary>An event at an instant that can be canceled beforehand.</summary>
sealed class Alarm(Action ring)
{
    public Action Ring => ring;

    public bool CalledOff { get; set; }
}

/// <summary>A participant with steps: a node, or the server.</summary>
interface IActor
{
    /// <summary>Gets whether a step is possible at the moment.</summary>
    bool IsAble { get; }

    /// <summary>Executes a step.</summary>
    void Step();
}

/// <summary>The time, order and randomness of a simulation, from a single thread and a single seed.</summary>
/// <remarks>
/// Time stands still while a running node has work, and then advances to the next alarm. Time is therefore exact only
/// for running nodes: their due work is done before the clock advances, except for short random delays before a
/// transaction. The work of a stopped node stays with the node.
/// </remarks>
sealed class World(int seed, bool traced)
{
    const int MaxStepsAtOnce = 50_000;

    /// <summary>The initial time of all wall clocks.</summary>
    public static readonly DateTimeOffset Start = new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero);

    readonly PriorityQueue<Alarm, (TimeSpan At, long Number)> agenda = new();
    readonly Random chance = new(seed);
    readonly int thread = Environment.CurrentManagedThreadId;
    readonly List<IActor> able = [];
    long alarms;

    /// <summary>Gets the monotonic clock of all nodes.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>Gets all past and present nodes.</summary>
    public List<SimulatedNode> Nodes { get; } = [];

    /// <summary>Gets the further participants with work.</summary>
    public List<IActor> Others { get; } = [];

    /// <summary>Gets the recorded events, if requested.</summary>
    public List<string> Story { get; } = [];

    /// <summary>Gets the first broken law, or null.</summary>
    public Failure? Failure { get; private set; }

    /// <summary>Gets the number of steps after which the nodes count as restless.</summary>
    public int MaxSteps { get; init; } = 1_000_000;

    /// <summary>Gets the number of steps.</summary>
    public int Steps { get; private set; }

    /// <summary>Gets or sets the callback before time advances to an instant.</summary>
    public Action<TimeSpan> TimeGoesOn { get; set; } = _ => { };

    /// <summary>Gets whether the caller is on the single thread of the simulation.</summary>
    public bool IsHere => Environment.CurrentManagedThreadId == thread;

    /// <summary>Gets whether the story is recorded.</summary>
    public bool Traced => traced;

    /// <summary>Returns true with the given probability in percent.</summary>
    public bool Chance(int percent) => chance.Next(100) < percent;

    /// <summary>Returns a random number from 0 to the exclusive limit.</summary>
    public int Pick(int below) => chance.Next(below);

    /// <summary>Returns a random time from zero to the inclusive limit.</summary>
    public TimeSpan Pick(TimeSpan most) => TimeSpan.FromTicks(chance.NextInt64(most.Ticks + 1));

    /// <summary>Schedules an event.</summary>
    public Alarm In(TimeSpan delay, Action ring)
    {
        var alarm = new Alarm(ring);
        agenda.Enqueue(alarm, (Now + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero), alarms++));
        return alarm;
    }

    /// <summary>Adds a line to the story.</summary>
    public void Tell(string what)
    {
        if (traced) Story.Add(string.Create(CultureInfo.InvariantCulture, $"{Now.TotalSeconds,8:0.000}  {what}"));
    }

    /// <summary>Reports a broken law, which ends the simulation.</summary>
    public void Fail(Law law, string what)
    {
        if (Failure is not null) return;
        Failure = new(law, string.Create(CultureInfo.InvariantCulture, $"{what} ({Now.TotalSeconds:0.000})"));
        Tell("BROKEN: " + what);
    }

    /// <summary>Advances the world until a condition holds, an instant has come, or a law is broken.</summary>
    /// <returns>True if the condition holds.</returns>
    public bool RunUntil(Func<bool> holds, TimeSpan end)
    {
        var atOnce = 0;
        while (Failure is null && !holds())
        {
            if (Step())
            {
                if (++Steps > MaxSteps || ++atOnce > MaxStepsAtOnce)
                {
                    Fail(Law.NodesRest, "the nodes do not come to rest: too many steps at one instant");
                }

                continue;
            }

            while (agenda.TryPeek(out var stale, out _) && stale.CalledOff) agenda.Dequeue();
            if (!agenda.TryPeek(out _, out var next) || next.At > end)
            {
                PassTo(end);
                return Failure is null && holds();
            }

            if (next.At > Now) atOnce = 0;
            PassTo(next.At);
            if (Failure is null) agenda.Dequeue().Ring();
        }

        return Failure is null;
    }

    void PassTo(TimeSpan at)
    {
        if (at <= Now) return;
        TimeGoesOn(at);
        if (Failure is null) Now = at;
    }

    /// <summary>Executes a step of a running node in the order of the seed.</summary>
    bool Step()
    {
        able.Clear();
        foreach (var node in Nodes)
            if (node.IsAble) able.Add(node);
        foreach (var other in Others)
            if (other.IsAble) able.Add(other);
        if (able.Count == 0) return false;
        able[able.Count == 1 ? 0 : Pick(able.Count)].Step();
        return true;
    }
}
