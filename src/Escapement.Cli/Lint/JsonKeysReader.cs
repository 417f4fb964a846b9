namespace Escapement.Cli.Lint;

/// <summary>Reads the expressions of a JSON file without Escapement jobs, by the names of their keys.</summary>
static class JsonKeysReader
{
    static readonly string[] Keys = ["CRON", "SCHEDULE", "CRONEXPRESSION", "SCHEDULEEXPRESSION", "CRONSCHEDULE", "CRONTAB", "EXPRESSION"];

    public static IReadOnlyList<LintedTrigger> Read(Source source, LintRun run)
    {
        List<LintedTrigger> triggers = [];
        Read(PlacedJson.Parse(source), key: null);
        return triggers;

        void Read(PlacedJson node, string? key)
        {
            if (key is not null && node.Properties.Count == 0 && node.Items.Count == 0)
            {
                if (IsExpression(key, node.Text) && run.Text(node.Text, node.Inner) is { } linted) triggers.Add(linted);
                return;
            }

            foreach (var (name, _, value) in node.Properties) Read(value, name);
            foreach (var item in node.Items) Read(item, key);
        }
    }

    static bool IsExpression(string key, string text) =>
        Keys.Any(known => key.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant()
            .EndsWith(known, StringComparison.Ordinal))
        && (LintedTrigger.Tokens(text).Count >= 5 || text.StartsWith('@') || text.Contains('(', StringComparison.Ordinal));
}
