using System.Text.Json;
using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>The options of a job in a settings file.</summary>
/// <param name="Id">The last part of the job's key. The option <c>id</c> replaces it.</param>
/// <param name="Place">The place of the job.</param>
sealed record SettingsJob(string Id, Place Place)
{
    const string Off = "-";

    static readonly HashSet<string> TriggerFields = [.. TriggerJson.Kinds.SelectMany(TriggerJson.FieldsOf)];

    /// <summary>Gets or sets a value indicating whether the job has an unknown option, so that its trigger is not judged.</summary>
    public bool IsUnclear { get; set; }

    /// <summary>Gets the options by their names in JSON.</summary>
    public Dictionary<string, PlacedJson> Options { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds an item to a list that was given with a key for each item.</summary>
    public void Add(string list, PlacedJson item) =>
        Options[list] = PlacedJson.ListOf([.. Options.TryGetValue(list, out var before) ? before.Items : [], item]);

    /// <summary>
    /// Reads the trigger. An invalid option adds an error. Returns null for a job without a trigger, and after an error in
    /// the trigger.
    /// </summary>
    /// <param name="run">The run for the errors.</param>
    /// <param name="context">The zone, the current time, the id of the job, and the sets of days of the file.</param>
    public LintedTrigger? Read(LintRun run, TriggerContext context)
    {
        if (Options.TryGetValue("id", out var id) && id.Value.ValueKind == JsonValueKind.String)
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

        CheckOptions(run);

        // The unknown option may be a misspelling of the missing option.
        if (IsUnclear) return null;
        var isCron = !Options.TryGetValue("trigger", out var kind) || kind.Text == "cron";
        // Settings are texts, so a number may be written as a text in quotes.
        var fields = Options.Where(option => TriggerFields.Contains(option.Key)).ToDictionary(
            option => option.Key, option =>
                option.Key == "jitter" || (!isCron && !JobFields.IsText(option.Key)) ? option.Value.AsNumber() : option.Value);
        if (id is not null) context = context with { JobId = id.Text };
        if (Options.TryGetValue(JobFields.Shorthand, out var cron))
        {
            fields["expression"] = cron;
            return cron.Text == Off ? null : run.Fields("cron", fields, context, Place);
        }

        if (kind is not null)
        {
            if (kind.Value.ValueKind == JsonValueKind.Null || kind.Text == Off) return null;
            if (TriggerJson.Kinds.Contains(kind.Text)) return run.Fields(kind.Text, fields, context, Place);
            run.Error(kind.Inner,
                $"'{kind.Text}' is not a kind of trigger: the kinds are {string.Join(", ", TriggerJson.Kinds.Order(StringComparer.Ordinal))}. An expression stands under cron.");
        }
        else if (fields.Keys.FirstOrDefault(name => name != "timezone") is { } alone)
        {
            run.Error(fields[alone].Place, $"{alone} is a field of a trigger, but its kind is not given: write trigger or cron beside it.");
        }

        return null;
    }

    void CheckOptions(LintRun run)
    {
        foreach (var (name, value) in Options)
        {
            if (JobFields.Fault(name, value.Value) is { } fault) run.Error(value.Inner, fault);
        }
    }
}
