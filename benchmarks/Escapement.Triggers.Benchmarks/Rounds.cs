using System.Diagnostics;

namespace Escapement.Triggers.Benchmarks;

/// <summary>Measures several libraries in turns of a few milliseconds, so that what the machine does meanwhile falls on all of them.</summary>
static class Rounds
{
    const int Count = 11;
    static readonly long Turn = Stopwatch.Frequency / 200;

    /// <summary>The median of nanoseconds per call, for each.</summary>
    /// <param name="measures">Each makes that many calls.</param>
    public static double[] Medians(params Action<int>[] measures)
    {
        var calls = Array.ConvertAll(measures, CallsInATurn);
        var figures = Array.ConvertAll(measures, _ => new double[Count]);
        for (var round = 0; round < Count; round++)
        {
            for (var i = 0; i < measures.Length; i++)
            {
                var begin = Stopwatch.GetTimestamp();
                measures[i](calls[i]);
                figures[i][round] = Stopwatch.GetElapsedTime(begin).TotalNanoseconds / calls[i];
            }
        }

        foreach (var row in figures) Array.Sort(row);
        return Array.ConvertAll(figures, row => row[Count / 2]);
    }

    // Long enough for the compiler to have done its best, and then for one turn.
    static int CallsInATurn(Action<int> measure)
    {
        for (var i = 0; i < 40; i++) measure(50);
        for (var calls = 50; ; calls *= 2)
        {
            var begin = Stopwatch.GetTimestamp();
            measure(calls);
            var passed = Stopwatch.GetTimestamp() - begin;
            if (passed >= Turn) return Math.Max(50, (int)(calls * (double)Turn / passed));
        }
    }
}
