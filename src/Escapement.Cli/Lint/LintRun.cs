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

    readonly HashSet<string> sentences = [];

    /// <summary>Gets the zone for triggers whose input names no zone.</summary>
    public ZoneClock Zone { get; } = zone;

    public DateTimeOffset Now { get; } = now;

    /// <summary>Gets the number of checked triggers, including unreadable triggers.</summary>
    public int Triggers { get; private set; }

    /// <summary>Gets the findings in the order of their places in the input.</summary>
    public IEnumerable<Finding> Findings => findings.OrderBy(finding => finding.Place.Line).ThenBy(finding => finding.Place.Start);

    /// <summary>Gets sentences about the whole input, which are no findings.</summary>
    public IReadOnlyCollection<string> Sentences => sentences;

    /// <summary>Adds a sentence, at most once.</summary>
    public void Say(string sentence) => sentences.Add(sentence);

    public void Error(Place place, string message) => Add(new(place, null, message, null));

    public void Warn(Place place, string name, string message, string advice) => Add(new(place, name, message, advice));

    /// <summary>Counts a trigger that is read outside of this class.</summary>
    public void Count() => Triggers++;

    /// <summary>Reads a cron expression of another program. An unreadable expression adds an error and returns null.</summary>
    /// <param name="expression">The expression as written.</param>
    /// <param name="translated">The expression in the form of Escapement.</param>
    /// <param name="place">The place of the expression.</param>
    /// <param name="where">The zone.</param>
    /// <param name="dialect">The program that reads the file.</param>
    public LintedTrigger? Cron(string expression, string translated, Place place, ZoneClock where, CronDialect dialect)
    {
        // A job's id decides about H in Escapement only.
        var isHashed = translated.Split(' ', ',').Any(part => part is ['H' or 'h', ..]);
        return Read(translated, place, isHashed ? null : AnyJob,
            job => new CronTrigger(CronDefinition.FromExpression(translated, job), where)) is var (trigger, others)
            ? new(trigger, place, LintedTrigger.FieldsOf(expression, place), dialect) { ForOtherJobs = others }
            : null;
    }

    /// <summary>Reads a trigger's text at its place. An unreadable text adds an error and returns null.</summary>
    public LintedTrigger? Text(string text, Place place)
    {
        Triggers++;
        var job = jobId ?? (text.Contains('H', StringComparison.OrdinalIgnoreCase) ? null : AnyJob);
        return Read(text, place, job, id => TriggerText.Parse(text, new(Zone, Now, id) { Dates = AnyDates })) is var (trigger, others)
            ? TriggerPlaces.OfText(trigger, others, text, place)
            : null;
    }

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

    // Reads the trigger for the given job, or for several jobs if the job is null.
    (Trigger Trigger, IReadOnlyList<Trigger> ForOtherJobs)? Read(string text, Place place, string? job, Func<string, Trigger> read)
    {
        try
        {
            return (read(job ?? AnyJob), job is null ? [.. OtherJobs.Select(read)] : []);
        }
        catch (CronFormatException failure)
        {
            var part = text.IndexOf(failure.Expression, StringComparison.Ordinal);
            var isExact = part >= 0 && place.Length == text.Length;
            Error(isExact ? PlaceOf(failure, place.Part(part, failure.Expression.Length)) : place, WithoutExcerpt(failure.Message));
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
