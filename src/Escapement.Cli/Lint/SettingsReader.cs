using System.Globalization;
using System.Text.Json;
using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>
/// Reads the triggers of a settings file: lists of jobs (<c>Scheduler:Jobs</c>, <c>SCHEDULER_JOBS</c>) and options of
/// single jobs (<c>Escapement:Jobs:report:Cron</c>). The options may be nested or have keys with colons.
/// </summary>
sealed class SettingsReader
{
    const string Off = "-";

    static readonly HashSet<string> TriggerFields = [.. TriggerJson.Kinds.SelectMany(TriggerJson.FieldsOf)];

    readonly LintRun run;
    readonly Source source;
    readonly OrderedDictionary<string, Job> jobs = new(StringComparer.OrdinalIgnoreCase);
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
            Twice(root, root.Value.ValueKind == JsonValueKind.Array ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);
            if (root.Value.ValueKind == JsonValueKind.Array) Jobs(root, ["SCHEDULER_JOBS"]);
            else Find(root, []);
        }
        catch (JsonException failure)
        {
            run.Error(PlacedJson.PlaceOf(failure, source), JsonFault.Sentence(source.Text, failure));
            return [];
        }

        var sets = dates.Read();
        return [.. jobs.Values.Select(job => Trigger(job, sets)).OfType<LintedTrigger>()];
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
            var folded = at.ConvertAll(SettingsKey.Folded);
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
        path.Select(SettingsKey.Folded).ToList() is ["JOBS" or "SCHEDULERJOBS"] or ["ESCAPEMENT" or "SCHEDULER", "JOBS"];

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

    Job JobAt(IReadOnlyList<string> path, Place place)
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

    LintedTrigger? Trigger(Job job, IReadOnlyDictionary<string, NamedDates> sets)
    {
        if (job.Options.TryGetValue("id", out var id) && id.Value.ValueKind == JsonValueKind.String)
        {
            try
            {
                JobId.Parse(id.Text);
            }
            catch (FormatException failure)
            {
                run.Error(id.Inner, failure.Message);
            }
        }

        CheckOptions(job);

        // The unknown option may be a misspelling of the missing option.
        if (job.IsUnclear) return null;
        var isCron = !job.Options.TryGetValue("trigger", out var kind) || kind.Text == "cron";
        // Settings are texts, so a number may be written as a text in quotes.
        var fields = job.Options.Where(option => TriggerFields.Contains(option.Key)).ToDictionary(
            option => option.Key, option =>
                option.Key == "jitter" || (!isCron && !JobFields.IsText(option.Key)) ? option.Value.AsNumber() : option.Value);
        var context = new TriggerContext(zone, run.Now, id?.Text ?? job.Id) { Dates = sets };
        if (job.Options.TryGetValue(JobFields.Shorthand, out var cron))
        {
            fields["expression"] = cron;
            return cron.Text == Off ? null : run.Fields("cron", fields, context, job.Place);
        }

        if (kind is not null)
        {
            if (kind.Value.ValueKind == JsonValueKind.Null || kind.Text == Off) return null;
            if (TriggerJson.Kinds.Contains(kind.Text)) return run.Fields(kind.Text, fields, context, job.Place);
            run.Error(kind.Inner,
                $"'{kind.Text}' is not a kind of trigger: the kinds are {string.Join(", ", TriggerJson.Kinds.Order(StringComparer.Ordinal))}. An expression stands under cron.");
        }
        else if (fields.Keys.FirstOrDefault(name => name != "timezone") is { } alone)
        {
            run.Error(fields[alone].Place, $"{alone} is a field of a trigger, but its kind is not given: write trigger or cron beside it.");
        }

        return null;
    }

    void CheckOptions(Job job)
    {
        foreach (var option in JobOptionTable.All)
        {
            if (job.Options.TryGetValue(option.Name, out var value) && option.Form.Read(AsOption(option.Form, value)) is null)
                run.Error(value.Inner, $"{option.Name} is {JobOptionForm.Shown(value.Value)}; {option.Form.Allowed}.");
        }
    }

    // Settings are texts, so a number may stand in quotes. A list of texts takes a number as a text.
    static JsonElement AsOption(JobOptionForm form, PlacedJson value) => value.Value.ValueKind switch
    {
        JsonValueKind.Array when form.IsListOfTexts => JsonSerializer.SerializeToElement(value.Items.Select(item => item.Text)),
        JsonValueKind.String when !form.IsText => AsJson(value),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False when form.IsText => JsonSerializer.SerializeToElement(value.Text),
        _ => value.Value,
    };

    static JsonElement AsJson(PlacedJson text)
    {
        try
        {
            return text.Text is ['[', ..] ? PlacedJson.Parse(text.Text, text.Place).Value : ConfigurationJson.ReadText(text.Text);
        }
        catch (JsonException)
        {
            return text.Value;
        }
    }

    sealed record Job(string Id, Place Place)
    {
        public bool IsUnclear { get; set; }

        public Dictionary<string, PlacedJson> Options { get; } = new(StringComparer.Ordinal);

        public void Add(string list, PlacedJson item) =>
            Options[list] = PlacedJson.ListOf([.. Options.TryGetValue(list, out var before) ? before.Items : [], item]);
    }
}
