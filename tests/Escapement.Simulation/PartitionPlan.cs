using System.Globalization;
using Escapement.Jobs;
using Escapement.Triggers;

namespace Escapement.Simulation;

/// <summary>What happens to a node or a partition.</summary>
enum PartitionEvent
{
    /// <summary>A node is killed, and another takes its place a minute later.</summary>
    Kill,

    /// <summary>A partition cannot be reached for a minute.</summary>
    Outage,

    /// <summary>A replica replaces the server of a partition: the answers of a second are lost, ten seconds pass without a server, and
    /// no earlier epoch claims from then on.</summary>
    Failover,

    /// <summary>A partition cannot be reached for a minute, and meanwhile somebody pauses all jobs for 30 seconds.</summary>
    PauseInOutage,
}

/// <summary>An event of a plan.</summary>
/// <param name="At">The instant on the monotonic clock.</param>
/// <param name="Event">The event.</param>
/// <param name="Target">The node or the partition.</param>
readonly record struct PartitionFault(TimeSpan At, PartitionEvent Event, int Target);

/// <summary>A job of a plan.</summary>
/// <param name="Declared">The definition.</param>
/// <param name="Takes">The duration of its handler by the clock.</param>
readonly record struct PartitionJob(Job Declared, TimeSpan Takes);

/// <summary>The jobs, the partitions, the nodes and the events of a simulation, made from a seed.</summary>
sealed class PartitionPlan
{
    /// <summary>The handler of all jobs.</summary>
    public const string Handler = "work";

    /// <summary>The time until the first fire time. The nodes begin in the first half, and are idle in the second half.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(4);

    /// <summary>The time from an event to the next event, in which all traces of the event pass.</summary>
    public static readonly TimeSpan BetweenFaults = TimeSpan.FromSeconds(150);

    static readonly int[] minutes = [1, 5, 10, 15, 30, 60];

    public PartitionPlan(int seed, int jobs, TimeSpan length)
    {
        Random chance = new(seed);
        (Seed, Length) = (seed, length);
        Jobs = [.. Enumerable.Range(0, jobs).Select(number => JobOf(number, chance))];
        List<PartitionFault> faults = [];
        for (var at = Idle + TimeSpan.FromMinutes(1); at + BetweenFaults <= length; at += BetweenFaults)
        {
            var what = (PartitionEvent)(faults.Count % 4);
            faults.Add(new(at + TimeSpan.FromMilliseconds(chance.Next(1000)), what,
                chance.Next(what == PartitionEvent.Kill ? Nodes : Partitions)));
        }

        Faults = faults;
    }

    public int Seed { get; }

    public int Partitions { get; } = 64;

    public int Nodes { get; } = 8;

    /// <summary>The number of nodes that serve a partition.</summary>
    public int Servers { get; } = 3;

    /// <summary>The number of sessions of a node that its partitions share, or null if each partition has its own. A shared number is
    /// the mistake that a test plants.</summary>
    public int? SharedSessions { get; init; }

    /// <summary>The time until the last fire time.</summary>
    public TimeSpan Length { get; }

    public IReadOnlyList<PartitionJob> Jobs { get; }

    public IReadOnlyList<PartitionFault> Faults { get; }

    /// <summary>Returns the number of fire times of all jobs, by their triggers alone.</summary>
    public long FireTimes() => Jobs.Sum(job => job.Declared.Trigger!.Count(YearPlan.Start, DateTimeOffset.MaxValue));

    /// <summary>Returns a job that fires each 1 to 60 minutes, at some second. A tenth of the handlers take 20 seconds.</summary>
    PartitionJob JobOf(int number, Random chance)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"job-{number:000000}");
        var period = TimeSpan.FromMinutes(minutes[chance.Next(minutes.Length)]);
        var first = YearPlan.Start + Idle + TimeSpan.FromSeconds(chance.Next((int)period.TotalSeconds));
        return new(new()
        {
            Id = JobId.Parse(id),
            Name = id,
            Handler = Handler,
            Origin = JobOrigin.Code,
            DeclaredHash = id,
            Trigger = new IntervalTrigger(period, first, ZoneClock.Utc, YearPlan.Start + Length),
            Options = new() { MisfireGrace = MisfireGrace.Unlimited, RerunIfInterrupted = chance.Next(2) == 0 },
        }, chance.Next(10) == 0 ? TimeSpan.FromSeconds(20) : TimeSpan.Zero);
    }
}
