using Escapement.Stores;

namespace Escapement.Simulation.Tests;

/// <summary>Tells the story of a seed.</summary>
static class Replay
{
    public static int Run(string[] options)
    {
        if (options is ["day", .. var day] && int.TryParse(day is [.., var last] ? last : "", out var seed)
            && day is [_] or ["each", _])
        {
            var told = Soak.Day(seed, day.Length == 2 ? ActiveNodes.Each : ActiveNodes.One, traced: true);
            Console.WriteLine(string.Join(Environment.NewLine, [.. told.Story, $"{told.Name}: {told.Failure?.Text ?? "all laws hold"}"]));
            return 0;
        }

        var each = options is ["each", ..];
        if (each) options = options[1..];
        if (options is ["scenario", var name, var order, .. var taken] && int.TryParse(order, out var at))
        {
            var rule = taken is [var missing] ? each ? EveryNodeRules.Of(missing) : ProtocolRules.Of(missing) : null;
            var verdict = Scenario.Of(name).Run(at, rule, traced: true);
            Console.WriteLine(string.Join(Environment.NewLine,
                [.. verdict.Story, $"{verdict.Name}: {verdict.Failure?.Text ?? "all laws hold"}"]));
            return 0;
        }

        var (text, without) = options switch
        {
            [var only] => (only, Without.Nothing),
            [var given, "without", var letter] => (given, each ? EveryNodeRules.Of(letter) : ProtocolRules.Of(letter)),
            _ => throw new FormatException(
                "replay takes a seed, and perhaps a rule that is taken away: replay 1234-3n-4f, or replay 1234-3n-4f without C. With replay each every node is active."),
        };
        Console.WriteLine(Text(Seed.Parse(text), without, each));
        return 0;
    }

    /// <summary>Returns the story and its result.</summary>
    public static string Text(Seed seed, Without? without = null, bool each = false)
    {
        var verdict = each ? SimulationRun.OfEach(seed, without, traced: true) : SimulationRun.Of(seed, without, traced: true);
        return string.Join(Environment.NewLine, [.. verdict.Story, $"seed {seed}: {verdict.Failure?.Text ?? "all laws hold"}"]);
    }
}
