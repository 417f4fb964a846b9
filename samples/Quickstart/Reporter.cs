using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Quickstart;

/// <summary>The job <c>report</c>: a summary of the samples, as Markdown and JSON.</summary>
sealed class Reporter(SampleDatabase database, DataFolder data)
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower
    };

    /// <summary>Writes <c>report.md</c> and <c>report.json</c> as of a fire time.</summary>
    public void Write(DateTimeOffset fireTime)
    {
        var until = fireTime.ToUniversalTime();
        var hour = database.Summarize(until.AddHours(-1), until);
        var day = database.Summarize(until.AddDays(-1), until);
        Replace("report.md", Markdown(until, hour, day));
        Replace("report.json", JsonSerializer.Serialize(new { until, hour, day }, Json));
    }

    static string Markdown(DateTimeOffset until, SampleSummary hour, SampleSummary day)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# This machine until {until:yyyy-MM-dd HH:mm} UTC\n");
        foreach (var (title, span) in new[] { ("Last hour", hour), ("Last day", day) })
        {
            text.Append(CultureInfo.InvariantCulture,
                $"\n## {title}: {span.Samples} samples\n\n| | min | mean | max |\n| --- | ---: | ---: | ---: |\n");
            Row("load", span.Load, 1);
            Row("memory used, MB", span.MemoryUsed, 1e6);
            Row("disk used, GB", span.DiskUsed, 1e9);
        }

        return text.ToString();

        void Row(string name, Figures? of, double unit) =>
            text.Append(CultureInfo.InvariantCulture,
                $"| {name} | {of?.Min / unit:0.00} | {of?.Mean / unit:0.00} | {of?.Max / unit:0.00} |\n");
    }

    /// <summary>Replaces a file atomically, so that a reader sees either the old or the new report.</summary>
    void Replace(string name, string text)
    {
        var made = data.PathOf($"{name}.{Environment.ProcessId}.new");
        File.WriteAllText(made, text);
        File.Move(made, data.PathOf(name), overwrite: true);
    }
}
