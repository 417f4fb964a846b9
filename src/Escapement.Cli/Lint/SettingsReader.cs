using System.Globalization;
using System.Text.Json;
using Escapement.Hosting;
using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>
/// Reads the triggers of a settings file: lists of jobs (<c>Scheduler:Jobs</c>, <c>SCHEDULER_JOBS</c>) and options of
/// single jobs (<c>Escapement:Jobs:report:Cron</c>). The options may be nested or have keys with colons. A file without jobs
/// is read by its keys.
/// </summary>
sealed class SettingsReader
{
    readonly LintRun run;
    readonly Source source;
    readonly OrderedDictionary<string, SettingsJob> jobs = new(StringComparer.OrdinalIgnoreCase);
    readonly SettingsDatesReader dates;
    ZoneClock zone;

    SettingsReader(Source source, LintRun run)
    {
        this.source = source;
        this.run = run;
        zone = run.Zone;
        dates = new(run);
    }

    public static IReadOnlyList<LintedTrigger> Read(Source source, LintRun run) => new SettingsReader(source, run).Read();

    IReadOnlyList<LintedTrigger> Read()
    {
        try
        {
            var root = PlacedJson.Parse(source);
            if (root.Value.ValueKind == JsonValueKind.Array) Jobs(root, ["SCHEDULER_JOBS"]);
            else Find(root, []);
            // Only .NET compares the keys of an object without their case.
            var isOurs = jobs.Count > 0 || run.Findings.Any()
                || Path.GetFileName(source.Name).StartsWith("appsettings", StringComparison.OrdinalIgnoreCase);
            Twice(root, isOurs && root.Value.ValueKind == JsonValueKind.Object ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
            if (jobs.Count == 0) return KeysReader.Read([root.AsNode()], run);
        }
        catch (JsonException failure)
        {
            run.Error(PlacedJson.PlaceOf(failure, source), JsonFault.Sentence(source.Text, failure));
            return [];
        }

        var sets = dates.Read();
        return [.. jobs.Values.Select(job => job.Read(run, new(zone, run.Now, job.Id) { Dates = sets })).OfType<LintedTrigger>()];
    }

    // .NET rejects settings files with two keys that differ only in case.
    // A list in a variable is JSON, where case counts.
    void Twice(PlacedJson node, StringComparer comparer)
    {
        HashSet<string> names = new(comparer);
        foreach (var (name, place, value) in node.Properties)
        {
            if (!names.Add(name))
            {
                run.Error(place, $"'{name}' stands there a second time. Give each key once{(comparer == StringComparer.Ordinal ? "" : "; case does not count")}.");
            }

            Twice(value, comparer);
        }

        foreach (var item in node.Items) Twice(item, comparer);
    }

    // Outside the jobs, the method searches for jobs and for the scheduler's zone.
    void Find(PlacedJson node, IReadOnlyList<string> path)
    {
        foreach (var (name, place, value) in node.Properties)
        {
            List<string> at = [.. path, .. name.Split([":", "__"], StringSplitOptions.None)];
            var folded = at.ConvertAll(JobFields.Folded);
            if (folded is ["ESCAPEMENT" or "SCHEDULER", "JOBS", ..] or ["SCHEDULERJOBS", ..]
                || (folded is ["JOBS"] && value.Value.ValueKind == JsonValueKind.Array))
            {
                Jobs(value, at);
            }
            else if (folded is ["ESCAPEMENT" or "SCHEDULER", "TIMEZONE"] or ["SCHEDULERTIMEZONE"])
            {
                ReadZone(value);
            }
            else if (folded is ["ESCAPEMENT" or "SCHEDULER", "EXCLUDEDDATES", ..])
            {
                dates.Add(value, at[2..], place);
            }
            else if (folded is ["SCHEDULEREXCLUDEDDATES", ..])
            {
                dates.Add(value, at[1..], place);
            }
            else
            {
                Find(value, at);
            }
        }
    }

    void Jobs(PlacedJson node, IReadOnlyList<string> path)
    {
        if (node.Value.ValueKind == JsonValueKind.String && node.Text.TrimStart() is ['[' or '{', ..])
        {
            try
            {
                var embedded = PlacedJson.Parse(node.Text, node.Place);
                Twice(embedded, StringComparer.Ordinal);
                Jobs(embedded, path);
            }
            catch (JsonException failure)
            {
                run.Error(node.Place, JsonFault.Sentence(node.Text, failure, isEmbedded: true));
            }

            return;
        }

        if (IsListOfJobs(path) && node.Value.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object or JsonValueKind.Null)
            && !string.IsNullOrWhiteSpace(node.Text))
        {
            run.Error(node.Place,
                $"{Shown(node)} is not a list of jobs: write it as [{{\"id\": \"hello\", \"func\": \"jobs:hello\", \"cron\": \"0 9 * * *\"}}].");
            return;
        }

        foreach (var item in node.Items.Where(item => IsListOfJobs(path) && item.Value.ValueKind != JsonValueKind.Object))
            run.Error(item.Place, $"{Shown(item)} is not a job: a job in a list is an object with id, func and trigger or cron.");
        for (var i = 0; i < node.Items.Count; i++) Jobs(node.Items[i], [.. path, i.ToString(CultureInfo.InvariantCulture)]);
        if (node.Properties.Any(property => IsOption(property.Name, property.Value)))
        {
            foreach (var (name, place, value) in node.Properties)
            {
                if (ListOf(name.Split([":", "__"], StringSplitOptions.None)) is { } list)
                {
                    JobAt(path, node.Place).Add(list, value);
                    continue;
                }

                JobAt(path, node.Place).Options[JobFields.Canonical(name)] = value;
                if (JobFields.IsKnown(JobFields.Canonical(name))) continue;
                run.Error(place, $"'{name}' is not an option of a job.{Suggestion.Sentence(name, OptionsLike(node))}");
                JobAt(path, node.Place).IsUnclear = true;
            }
        }
        else
        {
            foreach (var (name, _, value) in node.Properties) Jobs(value, [.. path, .. name.Split([":", "__"], StringSplitOptions.None)]);
        }

        // The last part of a key with colons.
        if (node.Properties.Count == 0 && path.Count > 3 && ListOf([.. path]) is { } of)
        {
            JobAt([.. path.Take(path.Count - 2)], node.Place).Add(of, node);
        }
        else if (node.Properties.Count == 0 && path.Count > 2 && IsOption(path[^1], node))
        {
            JobAt([.. path.Take(path.Count - 1)], node.Place).Options[JobFields.Canonical(path[^1])] = node;
        }
    }

    static bool IsListOfJobs(IReadOnlyList<string> path) =>
        path.Select(JobFields.Folded).ToList() is ["JOBS" or "SCHEDULERJOBS"] or ["ESCAPEMENT" or "SCHEDULER", "JOBS"];

    static string Shown(PlacedJson node) =>
        node.Value.ValueKind == JsonValueKind.Array ? "A list" : Printable.Shown(node.Value.GetRawText());

    // The option whose items are given individually, under keys of their own: Exclude:0.
    static string? ListOf(ReadOnlySpan<string> path) => path is [.., var option, { Length: > 0 } index] && index.All(char.IsAsciiDigit)
        && JobFields.Canonical(option) is var name && (name == "exclude" || JobFields.IsListOfTexts(name)) ? name : null;

    // Suggests options of the job's own kind of trigger first: minutes for an interval, minute for cron.
    static IEnumerable<string> OptionsLike(PlacedJson job)
    {
        var kind = job.Properties.FirstOrDefault(property => JobFields.Canonical(property.Name) == "trigger").Value?.Text;
        return (kind is not null && TriggerJson.Kinds.Contains(kind) ? TriggerJson.FieldsOf(kind) : Enumerable.Empty<string>())
            .Concat(JobFields.Known);
    }

    static bool IsOption(string name, PlacedJson value) =>
        JobFields.Canonical(name) is var option && JobFields.IsKnown(option) && (value.Properties.Count == 0 || option == "kwargs");

    SettingsJob JobAt(IReadOnlyList<string> path, Place place)
    {
        var key = string.Join(':', path);
        if (!jobs.TryGetValue(key, out var job)) jobs.Add(key, job = new(path[^1], place));
        return job;
    }

    void ReadZone(PlacedJson value)
    {
        try
        {
            zone = ZoneClock.Get(value.Text);
        }
        catch (ZoneNameException failure)
        {
            run.Error(value.Inner, failure.Message);
            // UTC has no clock changes. The clock changes of an unintended zone would mislead.
            zone = ZoneClock.Utc;
        }
    }
}
