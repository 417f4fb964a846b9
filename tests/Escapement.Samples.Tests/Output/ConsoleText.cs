using System.Text.RegularExpressions;

namespace Samples.Tests.Output;

/// <summary>Makes the output of two runs alike: times, process ids, hosts, ports and folders become placeholders.</summary>
static partial class ConsoleText
{
    /// <summary>Returns the entries of an output. The lines of an entry after the first line are indented.</summary>
    /// <param name="output">The whole output.</param>
    /// <param name="folder">The content root.</param>
    public static IReadOnlyList<string> Entries(string output, string folder) =>
        Entries(output.Split('\n').Select(line => Alike(line, folder)));

    /// <summary>Returns the entries of a launcher and of its workers. Workers with the same entries are described once.</summary>
    /// <param name="output">The whole output.</param>
    /// <param name="folder">The content root.</param>
    public static IEnumerable<string> Workers(string output, string folder)
    {
        var processes = output.Split('\n').GroupBy(line => Worker.Match(line).Value).ToLookup(lines => lines.Key is "",
            lines => Entries(lines.Select(line => Alike(line[lines.Key.Length..], folder))));

        // The order of lines without a process id is a matter of chance.
        return processes[true].SelectMany(entries => entries.Distinct().Order(StringComparer.Ordinal))
            .Concat(processes[false].CountBy(entries => string.Join('\n', entries)).OrderBy(worker => worker.Value)
                .SelectMany(worker => (string[])["", $"({worker.Value} of the workers)", worker.Key]));
    }

    static List<string> Entries(IEnumerable<string> lines)
    {
        List<string> entries = [];
        foreach (var line in lines.Where(line => line.Length > 0))
        {
            if (line.StartsWith(' ') && entries.Count > 0) entries[^1] += "\n" + line;
            else entries.Add(line);
        }

        // Only a process in a container has this warning.
        entries.RemoveAll(entry => entry.Contains("runs in a container", StringComparison.Ordinal));
        return entries;
    }

    static string Alike(string line, string folder)
    {
        line = Colour.Replace(line.TrimEnd('\r'), "");
        if (StackFrame.IsMatch(line)) return "";
        line = line.Replace(folder, "<folder>", StringComparison.Ordinal);
        // A standby reads the holder from the lock file or from the store, whichever has the holder first.
        line = line.Replace("escapement.db.lock)", "escapement.db)", StringComparison.Ordinal);
        line = Time.Replace(line, "<time>");
        line = Regex.Replace(line, $@"{Regex.Escape(Environment.MachineName)}-\d+-[0-9a-f]{{8}}", "<node>", RegexOptions.IgnoreCase);
        line = Regex.Replace(line, $@"\bon {Regex.Escape(Environment.MachineName)}\b", "on <host>", RegexOptions.IgnoreCase);
        line = Port.Replace(line, "127.0.0.1:<port>");
        line = Duration.Replace(line, "<duration>");
        return Pids.Replace(line, "${word} <pid>");
    }

    [GeneratedRegex(@"^\[\d+\] ")]
    private static partial Regex Worker { get; }

    [GeneratedRegex(@"\x1b\[[0-9;]*m")]
    private static partial Regex Colour { get; }

    [GeneratedRegex(@"^\s+(at \S|--- End of )")]
    private static partial Regex StackFrame { get; }

    [GeneratedRegex(@"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?( ?[+-]\d\d:\d\d|Z)?")]
    private static partial Regex Time { get; }

    [GeneratedRegex(@"127\.0\.0\.1:\d+")]
    private static partial Regex Port { get; }

    [GeneratedRegex(@"\b(?<word>[Pp]rocess(?:es)?|kill) \d+(?:, \d+)*")]
    private static partial Regex Pids { get; }

    [GeneratedRegex(@"\b\d\d:\d\d:\d\d\.\d+|\b\d+(?:\.\d+)? ?(?:ms|s)\b")]
    private static partial Regex Duration { get; }
}
