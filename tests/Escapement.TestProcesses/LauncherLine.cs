using System.Globalization;
using System.Text.RegularExpressions;

namespace Escapement.TestProcesses;

/// <summary>
/// The events reported by the launcher of <c>--workers</c>. The launcher has no log, so its lines have no ids.
/// </summary>
public enum LauncherEvent
{
    /// <summary>A line from another source.</summary>
    None,

    /// <summary>All workers serve.</summary>
    Serving,

    /// <summary>A replacement worker serves.</summary>
    Answers,

    /// <summary>A worker has ended and is replaced.</summary>
    Ended,

    /// <summary>A worker has not answered for a lease and is being ended.</summary>
    NotAnswered,

    /// <summary>A worker does not answer, and is kept because a debugger holds it.</summary>
    Kept,
}

/// <summary>A line of the launcher. Only this type depends on the wording of the launcher's sentences.</summary>
/// <param name="Event">The event.</param>
/// <param name="Pid">The process id of the worker, or 0 for all workers.</param>
/// <param name="How">The way in which the worker ended, such as <c>with exit code 3</c>.</param>
/// <param name="Pause">The time until the next worker starts, such as <c>in 0.4 s</c> or <c>now</c>.</param>
/// <param name="Url">The shared address.</param>
/// <param name="Workers">All workers.</param>
public sealed partial record LauncherLine(LauncherEvent Event, int Pid, string How, string Pause, string Url, IReadOnlyList<int> Workers)
{
    static readonly (LauncherEvent Event, Regex Sentence)[] Sentences =
    [
        (LauncherEvent.Serving, Serving()), (LauncherEvent.Answers, Answers()), (LauncherEvent.Ended, Ended()),
        (LauncherEvent.NotAnswered, NotAnswered()), (LauncherEvent.Kept, Kept()),
    ];

    /// <summary>Reads a line.</summary>
    public static LauncherLine Read(string line)
    {
        foreach (var (what, sentence) in Sentences)
        {
            if (sentence.Match(line) is not { Success: true, Groups: var parts }) continue;
            var pids = parts["pids"].Value.Split(", ", StringSplitOptions.RemoveEmptyEntries)
                .Select(pid => int.Parse(pid, CultureInfo.InvariantCulture)).ToList();
            return new(what, what == LauncherEvent.Serving
                ? 0
                : pids[0], parts["how"].Value, parts["pause"].Value, parts["url"].Value, pids);
        }

        return new(LauncherEvent.None, 0, "", "", "", []);
    }

    [GeneratedRegex(@"^\d+ workers? on (?<url>\S+) \(process(es)? (?<pids>[\d, ]+)\)$")]
    private static partial Regex Serving();

    [GeneratedRegex(@"^Worker (?<pids>\d+) answers\.$")]
    private static partial Regex Answers();

    [GeneratedRegex(@"^Worker (?<pids>\d+) ended (?<how>.+) after [\d.]+ s\. The next one starts (?<pause>now|in [\d.]+ s)\.$")]
    private static partial Regex Ended();

    [GeneratedRegex(@"^Worker (?<pids>\d+) has not answered for [\d.]+ s and is ended\.$")]
    private static partial Regex NotAnswered();

    [GeneratedRegex(@"^Worker (?<pids>\d+) does not answer\. The worker is kept, because a debugger holds the process\.$")]
    private static partial Regex Kept();
}
