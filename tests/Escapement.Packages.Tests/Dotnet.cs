using System.Diagnostics;

namespace Escapement.Packages.Tests;

/// <summary>Runs programs outside the repository, with package folders of their own.</summary>
static class Dotnet
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    /// <summary>Runs a program to its end and returns its standard output.</summary>
    /// <param name="program">The program's name or path.</param>
    /// <param name="folder">The working directory.</param>
    /// <param name="cache">The folder that stands in for the machine's package cache.</param>
    /// <param name="arguments">The command line.</param>
    /// <remarks>Fails the test with all output if the exit code is not 0.</remarks>
    public static Task<string> RunAsync(string program, string folder, string cache, params string[] arguments) =>
        RunAsync(StartInfo(program, folder, cache, arguments));

    /// <summary>Runs a program to its end and returns its standard output.</summary>
    /// <param name="start">The result of <see cref="StartInfo"/>.</param>
    public static async Task<string> RunAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        cancellation.CancelAfter(Limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellation.Token);
            var errors = process.StandardError.ReadToEndAsync(cancellation.Token);
            await process.WaitForExitAsync(cancellation.Token);
            var text = await output;
            Assert.True(process.ExitCode == 0,
                $"{start.FileName} {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}:\n{text}{await errors}");
            return text;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>Returns the start of a program with the environment of the tests.</summary>
    /// <param name="program">The program's name or path.</param>
    /// <param name="folder">The working directory.</param>
    /// <param name="cache">The folder that stands in for the machine's package cache.</param>
    /// <param name="arguments">The command line.</param>
    public static ProcessStartInfo StartInfo(string program, string folder, string cache, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NUGET_PACKAGES"] = cache;
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["DOTNET_NOLOGO"] = "1";
        // A build server outlives its build and holds the output that this process reads.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        return start;
    }
}
