using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Escapement.Packages.Tests;

/// <summary>Follows the steps of a page in an empty folder, as a reader does.</summary>
/// <param name="folder">The folder.</param>
/// <param name="packed">The packages.</param>
sealed class Walk(string folder, PackedFolder packed) : IAsyncDisposable
{
    const string Address = "127.0.0.1:5000";

    readonly string address = $"127.0.0.1:{BackgroundProgram.FreePort()}";
    readonly List<string> answers = [];
    // Templates are installed into the home of the walk.
    readonly string home = Path.Combine(folder, "home");
    string current = folder;
    BackgroundProgram? program;
    IReadOnlyList<string> queries = [];

    /// <summary>The folder of the project.</summary>
    public string Project => current;

    /// <summary>Runs the commands, writes the files, and waits for the shown output. Output may contain <c>…</c> for any
    /// text.</summary>
    public async Task FollowAsync(IReadOnlyList<Step> steps)
    {
        foreach (var step in steps)
        {
            switch (step.Language)
            {
                case "sh":
                    var lines = step.Text.Replace(Address, address, StringComparison.Ordinal).Split('\n');
                    foreach (var line in lines) await RunAsync(line);

                    queries = [.. lines.Where(line => line.StartsWith("curl ", StringComparison.Ordinal)
                        && !line.Contains("-X ", StringComparison.Ordinal))];
                    break;

                case "csharp" or "json":
                    await File.WriteAllTextAsync(Path.Combine(current, step.File), step.Text + "\n", TestContext.Current.CancellationToken);
                    break;

                case "text":
                    foreach (var line in step.Text.Split('\n')) await ShownAsync(line);

                    break;

                default:
                    throw new FormatException($"A reader does not know what to do with a block of {step.Language}.");
            }
        }
    }

    /// <summary>Stops the running program as Ctrl+C does.</summary>
    /// <returns>The exit code.</returns>
    public Task<int> StopAsync() => program!.StopAsync();

    async Task RunAsync(string line)
    {
        if (line.StartsWith("cd ", StringComparison.Ordinal))
        {
            current = Path.Combine(current, line[3..]);
        }
        else if (line.StartsWith("dotnet run", StringComparison.Ordinal))
        {
            program = BackgroundProgram.Start(Shell(line));
            await program.ShownAsync(new("Application started"));
        }
        else
        {
            answers.Add(await Dotnet.RunAsync(Shell(line)));
        }
    }

    async Task ShownAsync(string line)
    {
        Regex shown = new(string.Join(".*", line.Split('…').Select(Regex.Escape)));
        if (answers.Exists(answer => shown.IsMatch(answer))) return;
        if (queries is [])
        {
            await program!.ShownAsync(shown);
            return;
        }

        // An answer may come before the end of a run. A reader asks again.
        using var limit = new CancellationTokenSource(BackgroundProgram.Limit);
        string answer;
        do
        {
            Assert.False(limit.IsCancellationRequested, $"'{line}' was not shown:\n{string.Join('\n', answers)}\n{program?.Output}");
            answers.Add(answer = await Dotnet.RunAsync(Shell(queries[^1])));
        } while (!shown.IsMatch(answer));
    }

    ProcessStartInfo Shell(string line)
    {
        var start = Dotnet.StartInfo("bash", current, packed.Cache, "-c", line);
        start.Environment["DOTNET_CLI_HOME"] = home;
        return start;
    }

    public async ValueTask DisposeAsync()
    {
        if (program is not null) await program.DisposeAsync();
    }
}
