using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Escapement.Stores;

namespace Escapement.Simulation.Tests;

/// <summary>Runs seeds until the program is stopped, or a given number of seeds.</summary>
static class Soak
{
    /// <summary>
    /// Runs simulations on all cores, beginning with the first number, until a simulation breaks a law.
    /// </summary>
    /// <param name="first">The first number.</param>
    /// <param name="count">The maximum number of simulations.</param>
    /// <param name="run">Runs a simulation.</param>
    /// <param name="rule">The rule whose harm counts, or null for any broken law.</param>
    /// <returns>The failed simulation with the lowest number, or null if all laws hold.</returns>
    public static Verdict? First(int first, int count, Func<int, Verdict> run, Without? rule = null)
    {
        var broken = new ConcurrentDictionary<long, Verdict>();
        Parallel.For(first, (long)first + count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            (number, loop) =>
        {
            var verdict = run((int)number);
            if (verdict.Failure is null || rule?.Shows(verdict.Failure) == false) return;
            broken[number] = verdict;
            loop.Break();
        });
        return broken.IsEmpty ? null : broken[broken.Keys.Min()];
    }

    /// <summary>Runs the day of a seed.</summary>
    public static Verdict Day(int number, ActiveNodes actives, bool traced = false) =>
        SimulationRun.Of($"day {(actives == ActiveNodes.Each ? "each " : "")}{number}", DayPlan.Of(number, actives), number, traced: traced);

    public static int Run(string[] options)
    {
        if (options is ["year", .. var years]) return Years(years);
        var day = options is ["day", ..];
        if (day) options = options[1..];
        var each = options is ["each", ..];
        if (each) options = options[1..];
        var (first, count) = Numbers(options);
        var watch = Stopwatch.StartNew();
        long seeds = 0, claims = 0, epochs = 0, steps = 0;
        var broken = First(first, count, number =>
        {
            var verdict = day ? Day(number, each ? ActiveNodes.Each : ActiveNodes.One)
                : each ? SimulationRun.OfEach(new Seed(number, 3, 4)) : SimulationRun.Of(new Seed(number, 3, 4));
            Interlocked.Add(ref claims, verdict.Claims);
            Interlocked.Add(ref epochs, verdict.Epochs);
            Interlocked.Add(ref steps, verdict.Steps);
            if (Interlocked.Increment(ref seeds) is var now && now % (day ? 100 : 1000) == 0) Say(now);
            return verdict;
        });
        Say(seeds);
        if (broken is null) return 0;
        Console.WriteLine(day ? $"{broken.Name}: {broken.Failure}" : Replay.Text(Seed.Parse(broken.Name), each: each));
        return 1;

        void Say(long now) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{now} {(day ? "days" : "seeds")}, {Volatile.Read(ref epochs)} epochs, {Volatile.Read(ref claims)} claims, {Volatile.Read(ref steps)} steps in {watch.Elapsed.TotalSeconds:0.0} s"));
    }

    /// <summary>Runs the year of each seed, until an audit does not balance.</summary>
    static int Years(string[] options)
    {
        var (first, count) = Numbers(options);
        for (var seed = first; seed < (long)first + count; seed++)
        {
            var watch = Stopwatch.StartNew();
            var year = YearRun.OfAsync(new(seed, jobs: 1000, length: TimeSpan.FromDays(365))).GetAwaiter().GetResult();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"year {seed}: {year.Audit.Account.Sentence} {year.Ledger.Epochs.Count} epochs, digest {year.Digest[..16]}, simulated in {year.Simulated.TotalSeconds:0.0} s, audited after {watch.Elapsed.TotalSeconds:0.0} s"));
            if (year.Audit.Account.Balanced) continue;
            foreach (var fault in year.Audit.Imbalances.Take(20)) Console.WriteLine(fault.Sentence);
            return 1;
        }

        return 0;
    }

    static (int First, int Count) Numbers(string[] options)
    {
        if (options is not ([] or [_] or [_, _])
            || !options.All(option => int.TryParse(option, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            throw new FormatException(
                "soak takes at most two numbers, the first seed's and how many: soak 5000, or soak 5000 2000. With soak each every node is active, soak day and soak day each run whole days, and soak year runs years. Without the second it runs until it is stopped.");
        }

        var first = options.Length > 0 ? int.Parse(options[0], CultureInfo.InvariantCulture) : 1;
        return (first, options.Length > 1 ? int.Parse(options[1], CultureInfo.InvariantCulture) : int.MaxValue - first);
    }
}
