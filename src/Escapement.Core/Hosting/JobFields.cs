using System.Text.Json;
using Escapement.Jobs;
using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>Thrown if fields of a job are invalid. The message lists every error, with the field, the value and the
/// allowed values.</summary>
sealed class JobFieldsException(IReadOnlyList<string> faults) : FormatException(string.Join(' ', faults))
{
    /// <summary>The errors.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}

/// <summary>The parsed fields of a job in REST's spelling, for requests and settings. Null means not given.</summary>
public sealed class JobFields
{
    static readonly string[] Texts = ["id", "name", "func", "jobstore", "trigger", "run_date", "start_date", "end_date", "next_run_time",
        "timezone", "expression", "missing_day", "times_from", .. JobOptionTable.All.Where(option => option.Form.IsText)
        .Select(option => option.Name)];
    static readonly string[] Options = ["id", "name", "func", "args", "kwargs", "jobstore", "replace_existing", "next_run_time", "trigger",
        "timezone", .. JobOptionTable.All.Select(option => option.Name)];
    static readonly HashSet<string> TriggerFields = [.. TriggerJson.Kinds.SelectMany(TriggerJson.FieldsOf)
        .Except(["timezone", "zone_offset"])];

    JobFields()
    {
    }

    /// <summary>The id, or null.</summary>
    public JobId? Id { get; internal init; }

    /// <summary>The display name, or null.</summary>
    public string? Name { get; internal init; }

    /// <summary>The name of the handler from <c>func</c>, or null.</summary>
    public string? Handler { get; internal init; }

    /// <summary>The positional arguments as an array, or null.</summary>
    internal JsonElement? Args { get; init; }

    /// <summary>The keyword arguments as an object, or null.</summary>
    internal JsonElement? Kwargs { get; init; }

    /// <summary>True if <c>trigger</c> was given, even as null.</summary>
    public bool HasTrigger { get; internal init; }

    /// <summary>The trigger, or null if not given or for a job that runs only on request.</summary>
    public Trigger? Trigger { get; internal init; }

    /// <summary>The given options. A <c>misfire_grace_time</c> of null means no limit.</summary>
    public JobPolicies Policies { get; internal init; } = new();

    /// <summary>True to replace a job with the same id.</summary>
    public bool ReplaceExisting { get; internal init; }

    /// <summary>True if <c>next_run_time</c> was given, even as null, which means paused.</summary>
    public bool HasNext { get; internal init; }

    /// <summary>The given next fire time, or null.</summary>
    public DateTimeOffset? Next { get; internal init; }

    /// <summary>The corrections made in the fields, for the log.</summary>
    public IReadOnlyList<string> Remarks { get; internal init; } = [];

    /// <summary>True if the job must be paused, because <c>next_run_time</c> is null.</summary>
    public bool Paused => HasNext && Next is null;

    /// <summary>The arguments of a new job.</summary>
    public JobArguments Arguments => JobArguments.From(Args, Kwargs);

    /// <summary>Returns the trigger of a new job. Without the field <c>trigger</c>, a job runs once, now. With null, a
    /// job runs only on request.</summary>
    public Trigger? NewTrigger(EscapementOptions options, DateTimeOffset now) =>
        HasTrigger ? Trigger : new DateTrigger(ZoneOf(options).ToZone(now), ZoneOf(options), showsZoneOffset: true);

    /// <summary>Returns the arguments of a changed job, or null if neither part was given.</summary>
    public JobArguments? ChangedArguments(JobArguments old) =>
        Args is null && Kwargs is null ? null : new(Args?.GetRawText() ?? old.Args, Kwargs?.GetRawText() ?? old.Kwargs);

    /// <summary>Writes the fields of a job's trigger and of its options as properties of an object.</summary>
    /// <param name="writer">The writer, inside an object.</param>
    /// <param name="job">The job.</param>
    /// <param name="zone">The time zone that is omitted from the trigger.</param>
    public static void Write(Utf8JsonWriter writer, JobInfo job, ZoneClock zone)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(job);
        if (job.TriggerValue is { } trigger) TriggerJson.Write(writer, trigger, TriggerStyle.Rest, zone);
        else writer.WriteNull("trigger");
        foreach (var option in JobOptionTable.All)
            if (option.IsShown(job.Options[option], job.Origin)) option.Write(writer, job.Options[option]);
    }

    /// <summary>The names of all fields of a job in the settings.</summary>
    public static IEnumerable<string> Known => Options.Concat(TriggerFields).Append(Shorthand);

    /// <summary>Returns true if a name is a known field.</summary>
    public static bool IsKnown(string name) => Options.Contains(name) || TriggerFields.Contains(name) || name is Shorthand;

    /// <summary>Returns true if the field takes a text, even a text that looks like a number.</summary>
    public static bool IsText(string name) => Texts.Contains(name) || name is Shorthand;

    /// <summary>Returns true if the field takes a list of texts, even of texts that look like numbers.</summary>
    public static bool IsListOfTexts(string name) => JobOptionTable.All.Any(option => option.Form.IsListOfTexts && option.Name == name);

    /// <summary>Returns the field for a name in the settings, ignoring case and underscores, or the name itself if
    /// there is no such field.</summary>
    public static string Canonical(string name) =>
        Known.FirstOrDefault(known => SettingsKey.Folded(known) == SettingsKey.Folded(name)) ?? name;

    /// <summary>Returns a key of the settings without case and underscores, for comparisons.</summary>
    public static string Folded(string key) => SettingsKey.Folded(key);

    /// <summary>Returns the error of an option's value as a sentence, or null if the value is valid or the field is not an
    /// option.</summary>
    /// <param name="name">The field.</param>
    /// <param name="value">The value as written in a settings file, whose numbers may be texts and whose texts may look like
    /// numbers.</param>
    public static string? Fault(string name, JsonElement value)
    {
        if (JobOptionTable.All.FirstOrDefault(option => option.Name == name) is not { Form: var form }) return null;
        return form.Read(ConfigurationJson.AsWritten(value, form.IsText, form.IsListOfTexts)) is null
            ? $"{name} is {JobOptionForm.Shown(value)}; {form.Allowed}."
            : null;
    }

    /// <summary>The shorthand in the settings for a cron trigger with an expression.</summary>
    public const string Shorthand = "cron";

    /// <summary>Reads the fields of a new job or of a change. <see cref="HandlerRegistry"/> checks arguments and
    /// handler.</summary>
    /// <param name="fields">The fields by name. Unknown fields are rejected.</param>
    /// <param name="options">The options with the time zone and the executors.</param>
    /// <param name="now">The start of triggers that begin now.</param>
    /// <param name="job">The id of the changed job, or null.</param>
    /// <exception cref="FormatException">A field is invalid. The message lists all errors.</exception>
    public static JobFields Read(IEnumerable<KeyValuePair<string, JsonElement>> fields, EscapementOptions options, DateTimeOffset now,
        JobId? job = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var reader = new Reader(fields);
        foreach (var name in reader.Fields.Keys.Where(name => !Options.Contains(name) && !TriggerFields.Contains(name)))
            reader.Fault(name, $"there is no such field.{Suggestion.Sentence(name, Options.Concat(TriggerFields))}");

        var id = reader.Id();
        var zone = reader.Zone() ?? ZoneOf(options);
        if (reader.Text("jobstore", "an alias") is { } store and not JobOptions.Default)
        {
            reader.Fault("jobstore", $"this version has one store, {JobOptions.Default}");
        }

        var policies = reader.Policies();
        if (policies.Executor is { } executor && !options.Executors.ContainsKey(executor))
            reader.Fault("executor", $"the executors are {string.Join(", ", options.Executors.Keys)}");
        if (HistoryLimits.Fault(policies, options) is var (history, _, limit)) reader.Fault(history, limit);
        var result = new JobFields
        {
            Id = id,
            Name = reader.Text("name", "a name"),
            Handler = reader.Text("func", "the name of a handler"),
            Args = reader.OfKind("args", JsonValueKind.Array, "a list, such as [1, \"two\"]"),
            Kwargs = reader.OfKind("kwargs", JsonValueKind.Object, "a dictionary, such as {\"name\": 1}"),
            HasTrigger = reader.Fields.ContainsKey("trigger"),
            Trigger = reader.Trigger(new(zone, now, (id ?? job)?.Value) { Dates = options.ExcludedDates }),
            Policies = policies,
            ReplaceExisting = reader.Bool("replace_existing") ?? false,
            HasNext = reader.Fields.ContainsKey("next_run_time"),
            Next = reader.Date("next_run_time", zone),
            Remarks = reader.Remarks,
        };
        reader.ThrowFaults();
        return result;
    }

    /// <summary>Reads options only, for <c>JOB_DEFAULTS</c>.</summary>
    /// <exception cref="JobFieldsException">A field is invalid, or is not an option with a default.</exception>
    internal static JobPolicies ReadPolicies(IEnumerable<KeyValuePair<string, JsonElement>> fields)
    {
        var reader = new Reader(fields);
        string[] known = [.. JobOptionTable.All.Where(option => option.InJobDefaults).Select(option => option.Name)];
        foreach (var name in reader.Fields.Keys.Except(known)) reader.Fault(name, $"the defaults are {string.Join(", ", known)}");
        var policies = reader.Policies();
        reader.ThrowFaults();
        return policies;
    }

    static ZoneClock ZoneOf(EscapementOptions options) => options.ZoneOrLocal;

    /// <summary>Reads single fields and collects the errors.</summary>
    sealed class Reader
    {
        readonly List<string> faults = [];

        public Reader(IEnumerable<KeyValuePair<string, JsonElement>> fields) => Fields = new(fields, StringComparer.Ordinal);

        public Dictionary<string, JsonElement> Fields { get; }

        public List<string> Remarks { get; } = [];

        public void Fault(string name, string allowed) =>
            faults.Add($"{name} is {JobOptionForm.Shown(Fields[name])}; {allowed}{(allowed.EndsWith('.') ? "" : ".")}");

        public void ThrowFaults()
        {
            if (faults.Count > 0) throw new JobFieldsException(faults);
        }

        public JobId? Id()
        {
            if (Text("id", "a text of 1 to 255 printable characters") is not { } text) return null;
            try
            {
                return JobId.Parse(text);
            }
            catch (FormatException e)
            {
                faults.Add(e.Message);
                return null;
            }
        }

        public string? Text(string name, string allowed)
        {
            if (!Fields.TryGetValue(name, out var value)) return null;
            if (value.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(value.GetString())) return value.GetString();
            Fault(name, $"{allowed} is allowed, as text that is not empty");
            return null;
        }

        public bool? Bool(string name)
        {
            if (!Fields.TryGetValue(name, out var value)) return null;
            if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
            Fault(name, "true and false are allowed");
            return null;
        }

        /// <summary>Returns a list or a dictionary. Null counts as not given, as in APScheduler.</summary>
        public JsonElement? OfKind(string name, JsonValueKind kind, string allowed)
        {
            if (!Fields.TryGetValue(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
            if (value.ValueKind == kind) return value;
            Fault(name, $"{allowed}, is allowed");
            return null;
        }

        public JobPolicies Policies() => new(option =>
        {
            if (!Fields.TryGetValue(option.Name, out var value)) return null;
            var read = option.Form.Read(value);
            if (read is null) Fault(option.Name, option.Form.Allowed);
            return read;
        });

        public ZoneClock? Zone()
        {
            if (Text("timezone", "an IANA zone such as Europe/Berlin") is not { } name) return null;
            try
            {
                var zone = ZoneClock.Get(name, out var remark);
                if (remark is not null) Remarks.Add(remark);
                return zone;
            }
            catch (FormatException e)
            {
                faults.Add($"timezone: {e.Message}");
                return null;
            }
        }

        public DateTimeOffset? Date(string name, ZoneClock zone)
        {
            if (!Fields.TryGetValue(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
            if (value.ValueKind == JsonValueKind.String && IsoTime.TryParse(value.GetString(), zone, out var instant, out _))
            {
                return instant;
            }

            Fault(name, $"{IsoTime.Allowed}; null means paused");
            return null;
        }

        /// <summary>Returns the trigger: a kind with its fields beside, or an object with the kind as its
        /// <c>type</c>.</summary>
        public Trigger? Trigger(TriggerContext context)
        {
            var fields = Fields.Where(field => TriggerFields.Contains(field.Key)).ToDictionary(StringComparer.Ordinal);
            if (!Fields.TryGetValue("trigger", out var trigger) || trigger.ValueKind == JsonValueKind.Null)
            {
                if (fields.Keys.FirstOrDefault() is { } alone)
                {
                    Fault(alone, $"this is a field of a trigger, and no trigger is given. Add trigger: {string.Join(", ", TriggerJson.Kinds.Order(StringComparer.Ordinal))}");
                }

                return null;
            }

            try
            {
                if (trigger.ValueKind != JsonValueKind.Object) return TriggerJson.Read(Kind(trigger), fields, context);
                if (fields.Keys.FirstOrDefault() is { } beside)
                {
                    Fault(beside, "this is a field of a trigger, and the trigger is given as an object. Put it inside");
                }

                var inner = TriggerJson.FieldsOf(trigger);
                if (!inner.Remove("type", out var kind) && !inner.Remove("trigger", out kind)) throw Unknown(trigger);
                return TriggerJson.Read(Kind(kind), inner, context);
            }
            catch (FormatException e)
            {
                faults.Add(e.Message);
                return null;
            }
        }

        static string Kind(JsonElement kind) => kind.ValueKind == JsonValueKind.String && TriggerJson.Kinds.Contains(kind.GetString()!)
            ? kind.GetString()!
            : throw Unknown(kind);

        static TriggerFormatException Unknown(JsonElement trigger) => new(
            "trigger", trigger.GetRawText(), "is not a kind of trigger",
            $"{(trigger.ValueKind == JsonValueKind.String && Suggestion.Nearest(trigger.GetString()!, TriggerJson.Kinds, 3) is { } nearest ? $"the nearest is {nearest}; " : "")}the kinds are {string.Join(", ", TriggerJson.Kinds.Order(StringComparer.Ordinal))}, or null for a job that runs only when it is asked to");
    }
}
