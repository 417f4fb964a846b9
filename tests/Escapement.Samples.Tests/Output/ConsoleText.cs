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
        line = Time.Replace(line, "<time>");
        line = Regex.Replace(line, $@"{Regex.Escape(Environment.MachineName)}-\d+-[0-9a-f]{{8}}", "<node>", RegexOptions.IgnoreCase);
        line = Regex.Replace(line, $@"\bon {Regex.Escape(Environment.MachineName)}\b", "on <host>", RegexOptions.IgnoreCase);
        line = Port.Replace(line, "127.0.0.1:<port>");
        line = Duration.Replace(line, "<duration>");
        return Pids.Replace(line, "${word} <pid>");
    }

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
