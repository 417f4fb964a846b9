using System.Text.RegularExpressions;
using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>
/// Reads the expressions of a file without Escapement jobs, by the names of their keys: workflows of GitHub, manifests of
/// Kubernetes, and any JSON or YAML with keys such as <c>cron</c> and <c>schedule</c>.
/// </summary>
sealed partial class KeysReader(LintRun run)
{
    static readonly string[] Keys = ["CRON", "SCHEDULE", "EXPRESSION", "CRONSCHEDULE", "CRONTAB", "CRONJOB"];

    readonly List<LintedTrigger> triggers = [];

    [GeneratedRegex(@"^(?:@[a-z]|(?:cron|rate|at)\s*\()", RegexOptions.IgnoreCase)]
    private static partial Regex WordOrWrapper { get; }

    public static IReadOnlyList<LintedTrigger> Read(IEnumerable<PlacedNode> documents, LintRun run)
    {
        var reader = new KeysReader(run);
        foreach (var document in documents) reader.Read(document, "", new(CronDialect.Other, null), isRoot: true);
        return reader.triggers;
    }

    void Read(PlacedNode node, string key, Scope scope, bool isRoot = false)
    {
        if (node.Text is { } text)
        {
            if (!IsExpression(key, text, scope.Dialect)) return;
            if (scope is { Dialect: CronDialect.GitHub, Zone: null }) run.Say("GitHub takes times without a timezone for UTC.");
            if (scope is { Dialect: CronDialect.Kubernetes, Zone: null })
            {
                run.Say("Kubernetes takes times without a timeZone for the zone of its controller manager.");
            }

            if (DialectRules.Read(text, node.Place, scope.Zone ?? ZoneClock.Utc, scope.Dialect, run) is { } linted) triggers.Add(linted);
            return;
        }

        foreach (var item in node.Items) Read(item, key, scope);
        // A zone applies to the object that contains it, and to the objects inside.
        var zone = node.Properties.Where(property => Folded(property.Name) == "TIMEZONE").Select(property => Zone(property.Value))
            .FirstOrDefault() ?? scope.Zone;
        var isCronJob = node.Properties.Any(property => property.Name == "kind"
            && string.Equals(property.Value.Text, "CronJob", StringComparison.OrdinalIgnoreCase));
        foreach (var (name, value) in node.Properties)
        {
            var dialect = (name, scope.Dialect) switch
            {
                ("spec", _) when isCronJob => CronDialect.Kubernetes,
                ("on", _) when isRoot => CronDialect.GitHub,
                ("schedule", CronDialect.GitHub) => CronDialect.GitHub,
                // Only the expression itself belongs to the program, and not the objects beside it.
                _ => value.Text is null ? CronDialect.Other : scope.Dialect,
            };
            Read(value, name, new(dialect, zone));
        }
    }

    ZoneClock? Zone(PlacedNode value)
    {
        if (value.Text is not { Length: > 0 } name || YamlReader.IsTemplate(name)) return null;
        try
        {
            return ZoneClock.Get(name);
        }
        catch (ZoneNameException failure)
        {
            run.Error(value.Place, failure.Message);
            return ZoneClock.Utc;
        }
    }

    static bool IsExpression(string key, string text, CronDialect dialect)
    {
        var name = Folded(key);
        if (text.Length == 0 || YamlReader.IsTemplate(text)) return false;
        if (!Keys.Any(known => name.EndsWith(known, StringComparison.Ordinal))) return false;
        if (dialect == CronDialect.Kubernetes && key == "schedule" || dialect == CronDialect.GitHub && key == "cron") return true;
        if (WordOrWrapper.IsMatch(text)) return true;
        var tokens = LintedTrigger.Tokens(text);
        // A text of many words under a key such as schedule may be a sentence.
        return tokens.Count >= 5 && (name.Contains("CRON", StringComparison.Ordinal)
            || (text[0] is '*' or '?' or 'H' or '~' or (>= '0' and <= '9')
                && tokens.Take(5).Count(token => CrontabForm.IsField(text[token.Start..token.End])) >= 3));
    }

    static string Folded(string key) => key.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal)
        .ToUpperInvariant();

    readonly record struct Scope(CronDialect Dialect, ZoneClock? Zone);
}
