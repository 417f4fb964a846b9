using Escapement.Testing.Simulation;

namespace Escapement.Simulation.Tests;

/// <summary>Tells the story of one seed.</summary>
static class Replay
{
    public static int Run(string[] options)
    {
        var (text, without) = options switch
        {
            [var seed] => (seed, Without.Nothing),
            [var seed, "without", var letter] => (seed, ProtocolRules.Of(letter)),
            _ => throw new FormatException("replay takes a seed, and perhaps a rule that is taken away: replay 1234-3n-4f, or replay 1234-3n-4f without C."),
        };
        Console.WriteLine(Text(Seed.Parse(text), without));
        return 0;
    }

    /// <summary>The story, and how it ended.</summary>
    public static string Text(Seed seed, Without? without = null)
    {
        var verdict = SimulationRun.Of(seed, without, traced: true);
        return string.Join(Environment.NewLine, [.. verdict.Story, $"seed {seed}: {verdict.Failure ?? "all laws hold"}"]);
    }
}
