using System.Globalization;
using System.Text.Json;

namespace Escapement.Triggers;

/// <summary>Reads single fields of a definition. A kind of trigger makes a trigger of the fields.</summary>
/// <remarks>A null counts as an omitted field, as in APScheduler. Only an amount must not be null.</remarks>
sealed class TriggerFields
{
    const int MaxTriggers = 100;

    readonly TriggerDefinition definition;
    readonly TriggerContext context;
    readonly Func<TriggerDefinition, TriggerContext, string?, Trigger> make;

    /// <param name="definition">The definition.</param>
    /// <param name="context">The values that the fields leave open.</param>
    /// <param name="make">Makes the parts of a composed trigger.</param>
    /// <exception cref="TriggerFormatException">No zone has the name.</exception>
    public TriggerFields(TriggerDefinition definition, TriggerContext context,
        Func<TriggerDefinition, TriggerContext, string?, Trigger> make)
    {
        (this.definition, this.make) = (definition, make);
        this.context = context with { Zone = Text("timezone") is { } zone ? ZoneOf(zone) : context.Zone, Now = UnixTime.Truncate(context.Now) };
    }

    /// <summary>The zone given in the fields, or the zone of the context.</summary>
    public ZoneClock Zone => context.Zone;

    /// <summary>The current time, in whole microseconds.</summary>
    public DateTimeOffset Now => context.Now;

    /// <summary>The text from which <c>H</c> takes its value, or null without a job.</summary>
    public string? JobId => context.JobId;

    public string? Text(string name) => Find(name) switch
    {
        null => null,
        string text => text,
        _ => throw Wrong(name, "is not a text", "give a JSON string"),
    };

    public bool? Flag(string name) => Find(name) switch
    {
        null => null,
        JsonElement { ValueKind: JsonValueKind.True or JsonValueKind.False } flag => flag.GetBoolean(),
        _ => throw Wrong(name, "is not true or false", "give a JSON true or false", '"'),
    };

    /// <summary>Returns the text of a cron field, also from an integer.</summary>
    public string? CronValue(string name) => Find(name) switch
    {
        null => null,
        string text => text,
        JsonElement { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out _) => number.GetRawText(),
        _ => throw Wrong(name, "is not a cron field", "give a JSON string or an integer"),
    };

    public decimal? Amount(string name)
    {
        if (!definition.Fields.TryGetValue(name, out var value)) return null;
        var isNumber = value is decimal or JsonElement { ValueKind: JsonValueKind.Number };
        var amount = value as decimal? ?? (isNumber && ((JsonElement)value!).TryGetDecimal(out var number) ? number : decimal.MaxValue);
        return Math.Abs(amount) <= IntervalParts.MaxAmount
            ? amount
            : throw Wrong(name, isNumber ? "is out of range" : "is not a number", "an amount is a JSON number, for example 1.5", '"');
    }

    /// <summary>Returns a whole number within a range, given as a JSON number or as its text.</summary>
    public int? Whole(string name, int least, int most) => Find(name) is not { } value ? null
        : int.TryParse(value as string ?? Shown(value, '"'), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most ? number
        : throw Wrong(name, "is not allowed", FormattableString.Invariant($"whole numbers from {least} to {most} are"), '"');

    /// <summary>Returns a day without a time.</summary>
    public DateOnly? Day(string name) => Text(name) is not { } text ? null
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day
        : throw Wrong(name, "is not a day",
            "a calendar interval starts and ends on days, written 2041-05-06; the time of day is given by hour, minute and second");

    public DateTimeOffset? Date(string name, out bool hasOffset)
    {
        hasOffset = false;
        if (Text(name) is not { } text) return null;
        return IsoTime.TryParse(text, Zone, out var instant, out hasOffset) ? instant : throw Wrong(name, "is not a date", IsoTime.Allowed);
    }

    /// <summary>
    /// Returns the exclusions, from a list of texts or from a text with commas. In the form of a store, each set has
    /// its days beside its name.
    /// </summary>
    public ExclusionCalendar? Exclusions()
    {
        const string allowed = "a list of days, parts of each day and names, such as [\"holidays\", \"2041-12-25\", \"22:00-06:00\"]";
        if (Find("exclude") is not { } value) return null;
        if ((value is string text ? text.Split(',') : value as IReadOnlyList<object?>) is not { } items)
        {
            throw Wrong("exclude", "is not a list", allowed);
        }

        var known = context.Dates;
        if (items.OfType<NamedDates>().ToList() is [_, ..] sets)
        {
            var all = known is null ? new(StringComparer.Ordinal) : new Dictionary<string, NamedDates>(known, StringComparer.Ordinal);
            foreach (var set in sets) all[set.Name!] = set;
            known = all;
        }

        return ExclusionCalendar.Parse(items.Select(item => item as string ?? (item as NamedDates)?.Name
            ?? throw new TriggerFormatException("exclude", Shown(item, '"'), "is not a text", allowed)), known);
    }

    /// <summary>Returns the jitter from seconds, or zero if the field is omitted.</summary>
    public TimeSpan Jitter()
    {
        if (Find("jitter") is null) return TimeSpan.Zero;
        var seconds = Amount("jitter")!.Value;
        // A day is far more than jobs need to spread, and keeps a run close to its fire time.
        return seconds is >= 0 and <= 86_400
            ? new((long)Math.Round(seconds * 1_000_000m) * TimeSpan.TicksPerMicrosecond)
            : throw Wrong("jitter", seconds < 0 ? "is out of range" : "is too long for a jitter", "seconds from 0 to 86400");
    }

    /// <summary>Makes the parts of a composed trigger, at least one.</summary>
    public IReadOnlyList<Trigger> Triggers()
    {
        const string allowed = "a list of at least one object, each with the field trigger and the fields of that kind";
        if (!definition.Fields.ContainsKey("triggers")) throw new TriggerFormatException("triggers", "nothing", "is given", allowed);
        if (Find("triggers") is not IReadOnlyList<TriggerDefinition> parts) throw Wrong("triggers", "is not a list of triggers", allowed, '"');
        return parts.Count <= MaxTriggers
            ? [.. parts.Select(part => make(part, context, definition.Kind))]
            : throw new TriggerFormatException("triggers", $"a list of {parts.Count} triggers", "is too long", $"at most {MaxTriggers}");
    }

    /// <summary>Makes the error for a jitter of a part, because only the start of the whole trigger can be delayed.</summary>
    public static TriggerFormatException JitterInside(TimeSpan jitter, string inside) => new("jitter",
        FormattableString.Invariant($"{jitter.TotalSeconds:0.######}"), $"is inside {inside}", "give it to the whole trigger");

    /// <summary>Makes the error for a field.</summary>
    /// <param name="name">The name of the field.</param>
    /// <param name="problem">The problem, without the value and without a full stop.</param>
    /// <param name="allowed">The allowed values, or advice.</param>
    /// <param name="quote">The quotation mark for a text: <c>"</c> where no text is allowed.</param>
    public TriggerFormatException Wrong(string name, string problem, string allowed, char quote = '\'') =>
        new(name, Shown(definition.Fields[name], quote), problem, allowed);

    static ZoneClock ZoneOf(string name)
    {
        try
        {
            return ZoneClock.Get(name);
        }
        catch (ZoneNameException fault)
        {
            throw new TriggerFormatException("timezone", $"'{name}'", fault.Problem, fault.Advice, fault);
        }
    }

    object? Find(string name) => definition.Fields.GetValueOrDefault(name);

    static string Shown(object? value, char quote) => value switch
    {
        null => "null",
        string text => $"{quote}{text}{quote}",
        JsonElement json => json.GetRawText(),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
