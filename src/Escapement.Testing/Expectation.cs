using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Escapement.Ledger;

namespace Escapement.Testing;

/// <summary>Compares what a test expects with what happened, and writes the difference.</summary>
static partial class Expectation
{
    const int MaxLines = 20;

    static readonly JsonSerializerOptions json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = null,
        DictionaryKeyPolicy = null,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    /// <summary>Reads the instants of a test.</summary>
    /// <exception cref="FormatException">A text is not an instant with a full date. Without one, .NET would add the date of the
    /// machine.</exception>
    public static IReadOnlyList<DateTimeOffset> Instants(IEnumerable<string> texts) =>
        [.. texts.Select(text => text is not null && FullDate().IsMatch(text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : throw new FormatException($"'{text}' is not an instant with a full date; a text such as '2041-05-07 09:00' (in UTC) or '2041-05-07T09:00:00+02:00' is allowed."))];

    [GeneratedRegex(@"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex FullDate();

    /// <summary>Throws with the difference unless both lists have the same instants.</summary>
    /// <param name="subject">The job, for the message.</param>
    /// <param name="expected">The expected fire times.</param>
    /// <param name="actual">The fire times of the runs.</param>
    /// <param name="notRun">Returns the fire times that did not run, each with its sentence. Called for a difference.</param>
    public static void SameInstants(string subject, IEnumerable<DateTimeOffset> expected, IEnumerable<DateTimeOffset> actual,
        Func<IReadOnlyList<LedgerItem>> notRun)
    {
        var wanted = Counted(expected);
        var found = Counted(actual);
        if (wanted.Count == found.Count && wanted.All(each => found.GetValueOrDefault(each.Key) == each.Value)) return;
        List<string> lines = [];
        var (same, items) = (0, notRun());
        foreach (var at in wanted.Keys.Union(found.Keys).Order())
        {
            var (w, f) = (wanted.GetValueOrDefault(at), found.GetValueOrDefault(at));
            same += Math.Min(w, f);
            for (var i = f; i < w; i++) lines.Add($"  - {Text(at)}  expected, and did not run{Why(at)}");
            for (var i = w; i < f; i++) lines.Add($"  + {Text(at)}  ran, and was not expected");
        }

        throw new SchedulerTestException(
            $"{subject} did not run at exactly the expected fire times ({same} of {wanted.Values.Sum()} are right):\n{Lines(lines)}");

        string Why(DateTimeOffset at) => items.FirstOrDefault(item => item.First <= at && at <= item.Last) is { } item ? $": {item.Sentence}" : "";
    }

    /// <summary>Throws unless the count is the expected one.</summary>
    public static void Count(string subject, int expected, IReadOnlyList<DateTimeOffset> actual)
    {
        if (actual.Count == expected) return;
        var list = actual.Count == 0 ? "" : ":\n" + Lines([.. actual.Select(at => $"    {Text(at)}")]);
        throw new SchedulerTestException($"{subject} {Times(actual.Count)}, and was expected {TimesOnly(expected)}{list}");
    }

    /// <summary>Throws unless arguments among the given ones equal the expected arguments.</summary>
    /// <param name="subject">What has the arguments, for the message.</param>
    /// <param name="expected">An object with the arguments as members, a dictionary, or <see cref="JobArguments"/>.</param>
    /// <param name="actual">The arguments, or null for those of the job.</param>
    public static void Arguments(string subject, object expected, IReadOnlyList<JobArguments?> actual)
    {
        ArgumentNullException.ThrowIfNull(expected);
        var wanted = expected as JobArguments ?? new("[]", JsonSerializer.Serialize(expected, json.GetTypeInfo(expected.GetType())));
        if (actual.Any(arguments => arguments is not null && Same(arguments, wanted))) return;
        var found = actual.Count == 0 ? "  no call at all" : Lines([.. actual.Select(arguments => $"  + {Text(arguments)}")]);
        throw new SchedulerTestException($"{subject} has no call with the expected arguments:\n  - {Text(wanted)}\n{found}");
    }

    static bool Same(JobArguments left, JobArguments right) => Same(left.Args, right.Args) && Same(left.Kwargs, right.Kwargs);

    static bool Same(string left, string right)
    {
        using var one = JsonDocument.Parse(left);
        using var other = JsonDocument.Parse(right);
        return JsonElement.DeepEquals(one.RootElement, other.RootElement);
    }

    static string Text(JobArguments? arguments) => arguments switch
    {
        null => "the arguments of the job",
        { Args: "[]" } => arguments.Kwargs,
        { Kwargs: "{}" } => arguments.Args,
        _ => $"{arguments.Args} {arguments.Kwargs}",
    };

    /// <summary>Returns an instant as text, in the offset of the value.</summary>
    public static string Text(DateTimeOffset at) =>
        at.ToString($"yyyy-MM-dd HH:mm:ss{(at.Ticks % TimeSpan.TicksPerSecond == 0 ? "" : ".ffffff")} zzz", CultureInfo.InvariantCulture);

    static string Times(int count) => count switch
    {
        0 => "did not run",
        1 => "ran once",
        _ => $"ran {count} times",
    };

    static string TimesOnly(int count) => count switch
    {
        0 => "not to run",
        1 => "to run once",
        _ => $"to run {count} times",
    };

    static Dictionary<DateTimeOffset, int> Counted(IEnumerable<DateTimeOffset> times) =>
        times.GroupBy(at => at).ToDictionary(group => group.Key, group => group.Count());

    /// <summary>Returns lines below each other, with a count of those left out.</summary>
    public static string Lines(IReadOnlyList<string> lines)
    {
        var text = new StringBuilder(string.Join('\n', lines.Take(MaxLines)));
        if (lines.Count > MaxLines) text.Append(CultureInfo.InvariantCulture, $"\n  … and {lines.Count - MaxLines} more");
        return text.ToString();
    }
}
