using System.Diagnostics;
using System.Globalization;

namespace Escapement.PostgreSql.Benchmarks;

/// <summary>A process of this program that works as a node. The process answers each line of its input with a line, and ends with its
/// input.</summary>
sealed class Node : IAsyncDisposable
{
    readonly Process process;

    Node(Process process) => this.process = process;

    public int Pid => process.Id;

    /// <summary>Starts this program with a command.</summary>
    public static Node Start(params string[] words)
    {
        ProcessStartInfo start = new("dotnet", [typeof(Node).Assembly.Location, .. words])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return new(Process.Start(start)!);
    }

    /// <summary>Starts a number of nodes, and waits until all of them serve.</summary>
    public static async Task<List<Node>> StartAsync(int count, Func<int, string[]> words)
    {
        List<Node> nodes = [.. Enumerable.Range(0, count).Select(number => Start(words(number)))];
        foreach (var node in nodes) await node.LineAsync();
        return nodes;
    }

    /// <summary>Asks the process for its figures.</summary>
    public async Task<string> AskAsync()
    {
        await process.StandardInput.WriteLineAsync("?");
        return await LineAsync();
    }

    /// <summary>Asks the process for the number of runs so far.</summary>
    public async Task<long> CountAsync() => long.Parse((await AskAsync()).Split(' ')[0], CultureInfo.InvariantCulture);

    async Task<string> LineAsync() => await process.StandardOutput.ReadLineAsync()
        ?? throw new InvalidOperationException($"Process {Pid} ended early.");

    public void Kill() => process.Kill();

    /// <summary>In the process itself: says that the node serves, and answers until the input ends.</summary>
    public static async Task ServeAsync(Func<string> answer)
    {
        Console.WriteLine("serves");

        // Not ReadLineAsync, which waits on a console.
        while (await Task.Run(Console.In.ReadLine) is not null) Console.WriteLine(answer());
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.StandardInput.Close();
            using CancellationTokenSource limit = new(TimeSpan.FromSeconds(20));
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!process.HasExited) process.Kill();
        }

        process.Dispose();
    }
}
