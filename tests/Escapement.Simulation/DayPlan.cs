using System.Globalization;
using Escapement.Jobs;
using Escapement.Stores;

namespace Escapement.Simulation;

/// <summary>Plans of a whole day: 50 mixed jobs, three nodes and faults over the day.</summary>
static class DayPlan
{
    /// <summary>The ratio of the lease to the lease of short plans, whose faults last about a lease.</summary>
    const int Slower = 20;

    static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Returns the plan for a seed.</summary>
    /// <param name="number">The seed.</param>
    /// <param name="actives">Whether a single node or every node is active.</param>
    public static Plan Of(int number, ActiveNodes actives)
    {
        var chance = new Random(number);
        var starts = Enumerable.Range(0, 3)
            .Select(_ => TimeSpan.FromMilliseconds(chance.Next(2) == 0 ? chance.Next(60_000) : chance.Next(20)));
        PlannedJob[] jobs = [.. Enumerable.Range(0, 50).Select(job => Job(job, chance))];
        return new([.. starts], jobs, [.. Faults(chance, actives).OrderBy(fault => fault.At)])
        {
            Lease = TimeSpan.FromSeconds(15 * Slower),
            Drain = TimeSpan.FromSeconds(chance.Next(2) == 0 ? 60 : 600),
            Actives = actives,
            Length = Day,
        };
    }

    static PlannedJob Job(int number, Random chance) => new(
        string.Create(CultureInfo.InvariantCulture, $"job-{number:00}"),
        Every: number < 5 ? 300 + chance.Next(900) : 1_200 + chance.Next(12_000),
        Handles: chance.Next(3) switch
        {
            0 => 0,
            1 => chance.Next(60),
            _ => chance.Next(300),
        },
        new()
        {
            MisfireGrace = chance.Next(4) switch
            {
                0 => MisfireGrace.Unlimited,
                1 => MisfireGrace.UntilNext,
                _ => MisfireGrace.Of(TimeSpan.FromSeconds(1 + chance.Next(600))),
            },
            Coalesce = chance.Next(3) > 0,
            MaxInstances = 1 + chance.Next(2),
            RerunIfInterrupted = chance.Next(4) == 0,
        })
    {
        Jitter = chance.Next(8) == 0 ? 1 + chance.Next(60) : 0,
        Ends = chance.Next(10) == 0 ? chance.Next(86_400) : null,
    };

    static IEnumerable<Fault> Faults(Random chance, ActiveNodes actives)
    {
        for (var left = 1 + chance.Next(6); left > 0; left--)
        {
            var at = Day * 0.95 * chance.NextDouble();
            for (var together = 1 + chance.Next(3); together > 0; together--)
            {
                yield return Slowed(One(chance, at, actives));
                at += TimeSpan.FromSeconds(chance.NextDouble() * Slower * (chance.Next(2) == 0 ? 1 : 25));
            }
        }

        // Most kills start no other node, and a day without nodes shows little.
        for (var at = Day / 4; at < Day; at += Day / 4) yield return new(Trouble.StartNode, at);
    }

    static Fault One(Random chance, TimeSpan at, ActiveNodes actives) => (chance.Next(4), actives) switch
    {
        (0, ActiveNodes.One) => Fault.EditByChance(chance, at),
        (0, _) => Fault.EditOfEachByChance(chance, at),
        (_, ActiveNodes.One) => Fault.ByChance(chance, at),
        _ => Fault.OfEachByChance(chance, at),
    };

    static Fault Slowed(Fault fault) => fault with
    {
        Lasts = fault.Lasts is { } time && fault.Trouble is not (Trouble.HoldStatement or Trouble.LockJob or Trouble.LoseAnswers)
            ? time * Slower
            : fault.Lasts,
    };
}
