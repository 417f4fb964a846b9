using System.Diagnostics;
using System.Globalization;

namespace Escapement.Simulation.Tests;

/// <summary>Runs a simulation with partitions, and prints its figures.</summary>
static class Partitions
{
    public static int Run(string[] options)
    {
        if (options.Length > 3 || !options.All(option => int.TryParse(option, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            throw new FormatException("partitions takes at most three numbers, the seed, the number of jobs and the hours: partitions 1 20000 6.");
        var (seed, jobs, hours) = (Number(0, 1), Number(1, 20_000), Number(2, 6));
        var watch = Stopwatch.StartNew();
        var result = PartitionRun.Of(new(seed, jobs, TimeSpan.FromHours(hours)));
        Console.Write(result.Text());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"simulated in {watch.Elapsed.TotalSeconds:0.0} s"));
        return result.Holds ? 0 : 1;

        int Number(int place, int otherwise) =>
            place < options.Length ? int.Parse(options[place], CultureInfo.InvariantCulture) : otherwise;
    }
}
