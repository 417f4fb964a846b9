using System.Globalization;

namespace Escapement.TestProcesses;

/// <summary>
/// A trial that adds jobs for "now" over HTTP through a standby.
/// The delay to the start of their handlers is taken from the journals.
/// </summary>
public static class AddTrial
{
    /// <summary>
    /// Measures from the beginning of the request to the start of the handler, in milliseconds, after the warm-up.
    /// </summary>
    /// <param name="folder">A fresh folder.</param>
    /// <param name="tries">The number of measured attempts.</param>
    /// <param name="warmUp">The number of preceding unmeasured attempts.</param>
    /// <param name="busy">The number of jobs that saturate the active process with claims and records, or 0 for
    /// none.</param>
    public static async Task<(List<double> Start, List<double> Flush)> RunAsync(string folder, int tries, int warmUp, int busy)
    {
        using var active = NodeProcess.Start(folder, "--busy", busy.ToString(CultureInfo.InvariantCulture));
        await active.IsActiveAsync();
        using var standby = NodeProcess.Start(folder, "--busy", busy.ToString(CultureInfo.InvariantCulture));
        await standby.SaysAsync(LogEvent.WarmedUp);
        await standby.SaysAsync(LogEvent.Serving);
        using var http = new HttpClient { BaseAddress = new(standby.Url) };
        List<double> figures = [], flush = [];
        for (var i = 0; i < warmUp + tries; i++)
        {
            var id = $"now-{i}";
            var begun = Journal.Micros(DateTimeOffset.UtcNow);
            using var answer = await http.PostAsJsonAsync("/scheduler/jobs", new { id, func = "note", misfire_grace_time = 600 });
            answer.EnsureSuccessStatusCode();
            var started = await StartedAsync(active.JournalFile, id);
            if (i >= warmUp) figures.Add((started - begun) / 1000.0);
            if (i % 10 == 0) flush.Add(Figures.Flush(folder));
        }

        active.Signal(NodeProcess.Terminate);
        standby.Signal(NodeProcess.Terminate);
        await active.EndAsync();
        await standby.EndAsync();
        return (figures, flush);
    }

    /// <summary>Returns the instant of a job's first start in a journal, in microseconds.</summary>
    public static async Task<long> StartedAsync(string journal, string job)
    {
        using var limit = new CancellationTokenSource(NodeProcess.Limit);
        while (true)
        {
            if (Lines(journal).Select(line => line.Split(' '))
                .FirstOrDefault(words => words is ["start", var name, _, _, _, _] && name == job) is { } words)
            {
                return long.Parse(words[4], CultureInfo.InvariantCulture);
            }

            await Task.Delay(1, limit.Token);
        }
    }

    /// <summary>Returns the complete lines of a file while another process writes to the file.</summary>
    public static IEnumerable<string> Lines(string path)
    {
        if (!File.Exists(path)) return [];
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = reader.ReadToEnd();
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
