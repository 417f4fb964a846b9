using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>The collected triggers and findings of the inputs.</summary>
sealed class LintRun(ZoneClock zone, DateTimeOffset now, string? jobId)
{
    // Stands in for the future owner of the trigger, because an H is no mistake here.
    const string AnyJob = "lint";

    // A result shared by all of these ids holds for every job,
    // except in a handful of cases among many thousand triggers.
    static readonly string[] OtherJobs = [.. Enumerable.Range(1, 15).Select(i => FormattableString.Invariant($"{AnyJob} {i}"))];

    // If an input cannot declare sets of excluded dates, every name counts as a set.
    const IReadOnlyDictionary<string, NamedDates>? AnyDates = null;

    readonly List<Finding> findings = [];

    /// <summary>Gets the zone for triggers whose input names no zone.</summary>
    public ZoneClock Zone { get; } = zone;

    public DateTimeOffset Now { get; } = now;

    /// <summary>Gets the number of checked triggers, including unreadable triggers.</summary>
    public int Triggers { get; private set; }

    /// <summary>Gets the findings in the order of their places in the input.</summary>
    public IEnumerable<Finding> Findings => findings.OrderBy(finding => finding.Place.Line).ThenBy(finding => finding.Place.Start);

    public void Error(Place place, string message) => Add(new(place, null, message, null));

    public void Warn(Place place, string name, string message, string advice) => Add(new(place, name, message, advice));

    /// <summary>
    /// Reads a crontab expression at its place. An unreadable expression adds an error and returns null.
    /// </summary>
    public LintedTrigger? Cron(string expression, Place place, ZoneClock where) =>
        Read(expression, place, isCrontab: true, job => new CronTrigger(CronDefinition.FromExpression(expression, job), where));

    /// <summary>Reads a trigger's text at its place. An unreadable text adds an error and returns null.</summary>
    public LintedTrigger? Text(string text, Place place) =>
        Read(text, place, isCrontab: false, job => TriggerText.Parse(text, new(Zone, Now, job) { Dates = AnyDates }));

    /// <summary>Returns true if the whole text is a trigger.</summary>
    public static bool CanBeRead(string text)
    {
        try
        {
            return TriggerText.Parse(text, new(ZoneClock.Utc, DateTimeOffset.UnixEpoch, AnyJob) { Dates = AnyDates }) is not null;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    LintedTrigger? Read(string text, Place place, bool isCrontab, Func<string, Trigger> read)
    {
        Triggers++;
        try
        {
            var trigger = read(jobId ?? AnyJob);
            return TriggerPlaces.OfText(trigger, jobId is null && text.Contains('H', StringComparison.OrdinalIgnoreCase)
                ? [.. OtherJobs.Select(read)]
                : [], text, place) with
            { IsCrontab = isCrontab };
        }
        catch (CronFormatException failure)
        {
            var part = text.IndexOf(failure.Expression, StringComparison.Ordinal);
            Error(part >= 0 ? PlaceOf(failure, place.Part(part, failure.Expression.Length)) : place, WithoutExcerpt(failure.Message));
        }
        catch (FormatException failure)
        {
            Error(place, failure.Message);
        }

        return null;
    }

    /// <summary>
    /// Reads a trigger of any kind from its fields, each with its place.
    /// An unreadable trigger adds an error and returns null.
    /// </summary>
    public LintedTrigger? Fields(string kind, IReadOnlyDictionary<string, PlacedJson> fields, TriggerContext context, Place place)
    {
        Triggers++;
        try
        {
            var trigger = TriggerJson.Read(kind, fields.ToDictionary(field => field.Key, field => field.Value.Value),
                context with { JobId = context.JobId ?? AnyJob });
            return TriggerPlaces.OfFields(trigger, fields, place);
        }
        catch (CronFormatException failure)
        {
            var at = fields.TryGetValue(failure.Field ?? "expression", out var field) ? field.Inner : place;
            Error(failure.Expression.Length == at.Length ? PlaceOf(failure, at) : at, WithoutExcerpt(failure.Message));
        }
        catch (TriggerFormatException failure)
        {
            Error(fields.TryGetValue(failure.Field.Split('[')[0], out var field) ? PlaceOf(failure, field) : place, failure.Message);
        }
        catch (FormatException failure)
        {
            Error(fields.TryGetValue("timezone", out var field) ? field.Place : place, failure.Message);
        }

        return null;
    }

    // A message quotes the input. The input may contain control characters for the terminal.
    void Add(Finding finding) => findings.Add(finding with { Message = DisplayText.Expand(finding.Message).Text });

    static Place PlaceOf(CronFormatException failure, Place place) =>
        place.Part(Math.Min(failure.Position, place.Length), failure.Value.Length);

    // For a list, the place of the wrong item.
    static Place PlaceOf(TriggerFormatException failure, PlacedJson field)
    {
        var value = failure.Value.Trim('\'');
        if (field.Items.FirstOrDefault(item => item.Text.Trim() == value) is { } wrong) return wrong.Inner;
        return field.Text.Length == field.Inner.Length && field.Text.IndexOf(value, StringComparison.Ordinal) is > 0 and var at
            ? field.Inner.Part(at, value.Length)
            : field.Place;
    }

    // The last two lines of the message show the expression with a caret.
    // The report shows the line of the input instead.
    static string WithoutExcerpt(string message) =>
        message.Split('\n') is [.. var text, _, _] && text.Length > 0 ? string.Join('\n', text) : message;
}
