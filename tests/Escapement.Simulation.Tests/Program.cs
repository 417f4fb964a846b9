namespace Escapement.Simulation.Tests;

/// <summary>Runs the tests, or the commands of docs/protocol.md: <c>soak</c>, <c>replay</c>, <c>table</c>,
/// <c>partitions</c>.</summary>
static class Program
{
    static async Task<int> Main(string[] args)
    {
        try
        {
            switch (args)
            {
                case ["soak", .. var options]:
                    return Soak.Run(options);
                case ["replay", .. var options]:
                    return Replay.Run(options);
                case ["partitions", .. var options]:
                    return Partitions.Run(options);
                case ["table"]:
                    return Table.Print();
                case ["table", "each", .. var only]:
                    return Table.Print(each: true, only);
            }
        }
        catch (FormatException e)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }

        return args.Any(arg => arg is "--server" or "--internal-msbuild-node")
            ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args,
                SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
    }
}
