using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>What gathers while the inputs are read: triggers, and what is wrong.</summary>
sealed class LintRun(ZoneClock zone, DateTimeOffset now, string? jobId)
{
    // Stands for whichever job will have the trigger: H is no mistake here.
    const string AnyJob = "lint";

    // Enough that what holds for all of them holds for every job, but for one in many thousand triggers.
    static readonly string[] OtherJobs = [.. Enumerable.Range(1, 15).Select(i => FormattableString.Invariant($"{AnyJob} {i}"))];

    // Where nothing can declare a set of excluded dates, every name stands for one.
    const IReadOnlyDictionary<string, NamedDates>? AnyDates = null;

    readonly List<Finding> findings = [];

    /// <summary>The zone of triggers for which their input names none.</summary>
    public ZoneClock Zone { get; } = zone;

    public DateTimeOffset Now { get; } = now;

    /// <summary>How many triggers were looked at, whether they could be read or not.</summary>
    public int Triggers { get; private set; }

    /// <summary>By place: as they come in the input.</summary>
    public IEnumerable<Finding> Findings => findings.OrderBy(finding => finding.Place.Line).ThenBy(finding => finding.Place.Start);

    public void Error(Place place, string message) => Add(new(place, null, message, null));

    public void Warn(Place place, string name, string message, string advice) => Add(new(place, name, message, advice));

    /// <summary>Reads the expression of a crontab at its place; null when it cannot be read, which is then an error.</summary>
    public LintedTrigger? Cron(string expression, Place place, ZoneClock where) =>
        Read(expression, place, isCrontab: true, job => new CronTrigger(CronDefinition.FromExpression(expression, job), where));

    /// <summary>Reads a trigger's text at its place; null when it cannot be read, which is then an error.</summary>
    public LintedTrigger? Text(string text, Place place) =>
        Read(text, place, isCrontab: false, job => TriggerText.Parse(text, new(Zone, Now, job) { Dates = AnyDates }));

    /// <summary>Whether a text is a trigger as a whole.</summary>
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

    /// <summary>Reads a trigger of any kind from its fields, each with its place; null when it cannot be read.</summary>
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

    // A message quotes the input, which may hold characters that steer a terminal.
    void Add(Finding finding) => findings.Add(finding with { Message = DisplayText.Expand(finding.Message).Text });

    static Place PlaceOf(CronFormatException failure, Place place) =>
        place.Part(Math.Min(failure.Position, place.Length), failure.Value.Length);

    // Of a list the item that is wrong.
    static Place PlaceOf(TriggerFormatException failure, PlacedJson field)
    {
        var value = failure.Value.Trim('\'');
        if (field.Items.FirstOrDefault(item => item.Text.Trim() == value) is { } wrong) return wrong.Inner;
        return field.Text.Length == field.Inner.Length && field.Text.IndexOf(value, StringComparison.Ordinal) is > 0 and var at
            ? field.Inner.Part(at, value.Length)
            : field.Place;
    }

    // Its last two lines show the expression with a caret; here the line of the input is shown.
    static string WithoutExcerpt(string message) =>
        message.Split('\n') is [.. var text, _, _] && text.Length > 0 ? string.Join('\n', text) : message;
}
