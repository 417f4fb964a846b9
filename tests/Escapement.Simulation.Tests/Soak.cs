using System.Diagnostics;
using System.Globalization;
using Escapement.Testing.Simulation;

namespace Escapement.Simulation.Tests;

/// <summary>Runs seeds until it is stopped, or so many.</summary>
static class Soak
{
    /// <summary>Runs seeds on all cores from the first on, until one breaks a law.</summary>
    /// <returns>Those that did, in order; each seed before the last was run.</returns>
    public static IReadOnlyList<Verdict> Seeds(int first, int count, Without? without = null, Action<Verdict>? each = null)
    {
        var broken = new System.Collections.Concurrent.ConcurrentBag<Verdict>();
        Parallel.For(first, (long)first + count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, (number, loop) =>
        {
            var verdict = SimulationRun.Of(new Seed((int)number, 3, 4), without);
            each?.Invoke(verdict);
            if (verdict.Failure is null) return;
            broken.Add(verdict);
            loop.Break();
        });
        return [.. broken.OrderBy(verdict => Seed.Parse(verdict.Name).Number)];
    }

    public static int Run(string[] options)
    {
        if (options is not ([] or [_] or [_, _]) || !options.All(option => int.TryParse(option, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            throw new FormatException("soak takes at most two numbers, the first seed's and how many: soak 5000, or soak 5000 2000. Without the second it runs until it is stopped.");
        var first = options.Length > 0 ? int.Parse(options[0], CultureInfo.InvariantCulture) : 1;
        var count = options.Length > 1 ? int.Parse(options[1], CultureInfo.InvariantCulture) : int.MaxValue - first;
        var watch = Stopwatch.StartNew();
        long seeds = 0, claims = 0, epochs = 0, steps = 0;
        var broken = Seeds(first, count, null, verdict =>
        {
            Interlocked.Add(ref claims, verdict.Claims);
            Interlocked.Add(ref epochs, verdict.Epochs);
            Interlocked.Add(ref steps, verdict.Steps);
            if (Interlocked.Increment(ref seeds) is var now && now % 1000 == 0) Say(now);
        });
        Say(seeds);
        if (broken is not [var one, ..]) return 0;
        Console.WriteLine(Replay.Text(Seed.Parse(one.Name)));
        return 1;

        void Say(long now) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{now} seeds, {Volatile.Read(ref epochs)} epochs, {Volatile.Read(ref claims)} claims, {Volatile.Read(ref steps)} steps in {watch.Elapsed.TotalSeconds:0.0} s"));
    }
}
