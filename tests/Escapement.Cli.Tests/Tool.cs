using System.Diagnostics;
using System.Reflection;

namespace Escapement.Cli.Tests;

/// <summary>The tool as a separate process.</summary>
static class Tool
{
    public static string Path { get; } = System.IO.Path.GetFullPath(typeof(Tool).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "Tool").Value!);

    public static Task<(int ExitCode, string Output, string Error)> Run(params string[] arguments) => RunWith("", null, arguments);

    public static async Task<(int ExitCode, string Output, string Error)> RunWith(string input, IReadOnlyDictionary<string,
        string>? environment, params string[] arguments)
    {
        using var process = Process.Start(Start("dotnet", environment, [Path, .. arguments]))!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // A tool that rejects its input early does not read the input to the end.
        }

        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Runs a shell command line in which $TOOL is the tool.</summary>
    public static async Task<(int ExitCode, string Output)> Shell(string line)
    {
        using var process = Process.Start(
            Start("bash", null, ["-c", line.Replace("$TOOL", $"dotnet '{Path}'", StringComparison.Ordinal)]))!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        await error;
        return (process.ExitCode, output);
    }

    public static ProcessStartInfo Start(string program, IReadOnlyDictionary<string, string>? environment, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        foreach (var name in (string[])["LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR"]) start.Environment.Remove(name);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return start;
    }
}
