using System.Text.RegularExpressions;
using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>
/// Reads the expressions of workflows and of Kubernetes CronJobs:
/// the keys <c>cron</c>, <c>schedule</c> and <c>timeZone</c>.
/// </summary>
/// <remarks>
/// The file is read line by line, so only values on the line of their key are found. Without a time zone, the consumer
/// of the file decides. GitHub uses UTC.
/// </remarks>
static partial class YamlReader
{
    [GeneratedRegex(@"^(\s*(?:-\s+)?[""']?([A-Za-z_]+)[""']?\s*:\s+(?:[&!]\S+\s+)*)(?:""([^""]*)""|'([^']*)'|([^""'\s&!].*?))(?:\s+#.*)?\s*$")]
    private static partial Regex KeyAndValue { get; }

    [GeneratedRegex(@"(?:^|:\s+|-\s+)(?:[&!]\S+\s+)*[|>][+\-\d]*(?:\s+#.*)?\s*$")]
    private static partial Regex BlockScalar { get; }

    [GeneratedRegex(@"^\s*[""']?(?:on|apiVersion|jobs|spec)[""']?\s*:(?:\s|$)")]
    private static partial Regex Mark { get; }

    /// <summary>Returns true if an unnamed text is such a file.</summary>
    public static bool IsYaml(Source source) => source.Lines.Any(line => Mark.IsMatch(line));

    public static IReadOnlyList<LintedTrigger> Read(Source source, LintRun run)
    {
        List<LintedTrigger> triggers = [];
        var values = Mappings(source).Select(line => (Line: line, Match: KeyAndValue.Match(source.Lines[line])))
            .Where(line => line.Match.Success).ToList();
        for (var i = 0; i < values.Count; i++)
        {
            var (line, match) = values[i];
            var value = Value(match);
            if (!IsExpression(match.Groups[2].Value, value.Value)) continue;
            var zone = Zone(values.Skip(i + 1).TakeWhile(next => !IsExpression(next.Match.Groups[2].Value, Value(next.Match).Value))
                    .Where(next => IsZone(next.Match) && IsSameDocument(source, line, next.Line)).Select(next => next.Match))
                ?? Zone(values.Take(i).Reverse().TakeWhile(before => !IsExpression(before.Match.Groups[2].Value, Value(before.Match).Value))
                    .Where(before => IsZone(before.Match) && IsSameDocument(source, before.Line, line)).Select(before => before.Match));
            if (run.Cron(value.Value, new(source, line, value.Index, value.Length), zone ?? ZoneClock.Utc) is { } linted)
            {
                triggers.Add(linted);
            }
        }

        foreach (var (line, match) in values.Where(value => IsZone(value.Match)))
        {
            CheckZone(Value(match), new(source, line, 0, source.Lines[line].Length), run);
        }

        return triggers;
    }

    static Group Value(Match match) =>
        match.Groups[3].Success ? match.Groups[3] : match.Groups[4].Success ? match.Groups[4] : match.Groups[5];

    // A template becomes an expression only after its expansion.
    static bool IsExpression(string key, string value) => key.ToUpperInvariant() is "CRON" or "SCHEDULE"
        && !value.Contains("{{", StringComparison.Ordinal) && !value.Contains("${", StringComparison.Ordinal)
        && (LintedTrigger.Tokens(value).Count >= 5 || value.StartsWith('@') || value.Contains('('));

    static bool IsZone(Match match) =>
        match.Groups[2].Value.Replace("_", "", StringComparison.Ordinal).Equals("timezone", StringComparison.OrdinalIgnoreCase);

    static bool IsSameDocument(Source source, int first, int last) =>
        !source.Lines.Skip(first).Take(last - first).Any(line => line.StartsWith("---", StringComparison.Ordinal));

    /// <summary>Returns the lines outside of block scalars, such as the script of a step of a workflow.</summary>
    static IEnumerable<int> Mappings(Source source)
    {
        int? block = null;
        for (var line = 0; line < source.Lines.Count; line++)
        {
            var text = source.Lines[line];
            if (string.IsNullOrWhiteSpace(text)) continue;
            var indent = text.Length - text.TrimStart(' ').Length;
            if (indent > block) continue;
            block = BlockScalar.IsMatch(text) ? indent : null;
            yield return line;
        }
    }

    static ZoneClock? Zone(IEnumerable<Match> zones)
    {
        if (zones.FirstOrDefault() is not { } match) return null;
        try
        {
            return ZoneClock.Get(Value(match).Value);
        }
        catch (ZoneNameException)
        {
            return null;
        }
    }

    static void CheckZone(Group value, Place line, LintRun run)
    {
        try
        {
            ZoneClock.Get(value.Value);
        }
        catch (ZoneNameException failure)
        {
            run.Error(line.Part(value.Index, value.Length), failure.Message);
        }
    }
}
