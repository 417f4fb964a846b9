using System.Globalization;

namespace Escapement.Simulation;

/// <summary>Something that happens at an instant, unless it is called off before.</summary>
sealed class Alarm(Action ring)
{
    public Action Ring => ring;

    public bool CalledOff { get; set; }
}

/// <summary>Whoever has steps to make: a node, or the server.</summary>
interface IActor
{
    /// <summary>Whether it can make a step now.</summary>
    bool IsAble { get; }

    /// <summary>Makes a step.</summary>
    void Step();
}

/// <summary>Time, order and chance of a simulation: one thread, one seed.</summary>
/// <remarks>
/// Time stands while a running node has something to do, and then goes on to the next alarm. So time is honest for running nodes only:
/// what one of them owes is done before the clock passes it, but for the small delays that chance lays before a transaction.
/// What a node that is stopped has to do stays with it.
/// </remarks>
sealed class World(int seed, bool traced)
{
    const int MaxSteps = 1_000_000, MaxStepsAtOnce = 50_000;

    /// <summary>What all wall clocks show at first.</summary>
    public static readonly DateTimeOffset Start = new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero);

    readonly PriorityQueue<Alarm, (TimeSpan At, long Number)> agenda = new();
    readonly Random chance = new(seed);
    readonly int thread = Environment.CurrentManagedThreadId;
    readonly List<IActor> able = [];
    long alarms;

    /// <summary>The monotonic clock of all nodes.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>All nodes that ever were.</summary>
    public List<SimulatedNode> Nodes { get; } = [];

    /// <summary>What else has work to do.</summary>
    public List<IActor> Others { get; } = [];

    /// <summary>What happened, if it is wanted.</summary>
    public List<string> Story { get; } = [];

    /// <summary>The first law that was broken, or null.</summary>
    public Failure? Failure { get; private set; }

    /// <summary>How many steps were made.</summary>
    public int Steps { get; private set; }

    /// <summary>Called before time goes on to an instant.</summary>
    public Action<TimeSpan> TimeGoesOn { get; set; } = _ => { };

    /// <summary>Whether it is asked on the one thread on which all happens.</summary>
    public bool IsHere => Environment.CurrentManagedThreadId == thread;

    /// <summary>Whether the story is wanted.</summary>
    public bool Traced => traced;

    /// <summary>True in so many of a hundred cases.</summary>
    public bool Chance(int percent) => chance.Next(100) < percent;

    /// <summary>From 0 up to, but not, this.</summary>
    public int Pick(int below) => chance.Next(below);

    /// <summary>A time from zero up to this.</summary>
    public TimeSpan Pick(TimeSpan most) => TimeSpan.FromTicks(chance.NextInt64(most.Ticks + 1));

    /// <summary>Lets something happen later.</summary>
    public Alarm In(TimeSpan delay, Action ring)
    {
        var alarm = new Alarm(ring);
        agenda.Enqueue(alarm, (Now + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero), alarms++));
        return alarm;
    }

    /// <summary>A line of the story.</summary>
    public void Tell(string what)
    {
        if (traced) Story.Add(string.Create(CultureInfo.InvariantCulture, $"{Now.TotalSeconds,8:0.000}  {what}"));
    }

    /// <summary>A law is broken; the simulation ends here.</summary>
    public void Fail(Law law, string what)
    {
        if (Failure is not null) return;
        Failure = new(law, string.Create(CultureInfo.InvariantCulture, $"{what} ({Now.TotalSeconds:0.000})"));
        Tell("BROKEN: " + what);
    }

    /// <summary>Lets the world go on until something holds, an instant has come, or a law is broken.</summary>
    /// <returns>Whether it holds.</returns>
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

    /// <summary>One step of one running node, as the seed orders it.</summary>
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
