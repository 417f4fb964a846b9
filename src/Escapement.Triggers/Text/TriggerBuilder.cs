using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Escapement.Triggers;

namespace Escapement;

/// <summary>
/// Builds a trigger as a program writes the trigger, before the zone, the instant and the job's id are known.
/// </summary>
/// <remarks>
/// Holds the trigger's text for <see cref="TriggerText"/>: two builders with the same text build the same trigger.
/// Immutable.
/// </remarks>
public class TriggerBuilder
{
    readonly string text;

    internal TriggerBuilder(string text) => this.text = text;

    /// <summary>Builds the trigger.</summary>
    /// <exception cref="FormatException">The text of the builder cannot be read.</exception>
    public virtual Trigger Build(TriggerContext context) => TriggerText.Parse(ToString(), context);

    /// <summary>Returns the trigger in its text form.</summary>
    public override string ToString() => text;

    /// <summary>
    /// Makes a builder from the text form of a trigger: <c>0 9 * * mon-fri</c>,
    /// <c>every 20 minutes except 22:00-06:00</c>. The text is read by <see cref="Build"/>.
    /// </summary>
    public static TriggerBuilder Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new(text);
    }

    /// <summary>Makes a builder from a cron expression.</summary>
    /// <param name="expression">
    /// Five or six fields, or a word such as <c>@daily</c>. Any other text form is accepted too.
    /// </param>
    /// <param name="zone">An IANA name, or null for the scheduler's zone.</param>
    public static TriggerBuilder Cron(string expression, string? zone = null)
    {
        ArgumentNullException.ThrowIfNull(expression);
        return zone is null ? new(expression) : new TriggerBuilder(expression).In(zone);
    }

    /// <summary>
    /// Makes a builder for an interval in real time that begins an interval after the job was added, or at
    /// <paramref name="start"/>.
    /// </summary>
    public static TriggerBuilder Interval(TimeSpan interval, DateTimeOffset? start = null) =>
        new($"every {IntervalParts.Describe(interval)}" + (start is { } at ? $" from {IsoTime.Format(at)}" : ""));

    /// <summary>Makes a builder for a single fire time.</summary>
    public static TriggerBuilder Date(DateTimeOffset at) => new($"at {IsoTime.Format(at)}");

    /// <summary>Makes a builder for a complete trigger.</summary>
    public static TriggerBuilder Of(Trigger trigger) => new ReadyTriggerBuilder(trigger);

    /// <summary>Converts the text form of a trigger as <see cref="Parse"/>. Null stays null.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static implicit operator TriggerBuilder?(string? text) => text is null ? null : Parse(text);

    /// <summary>Converts a complete trigger as <see cref="Of"/>. Null stays null.</summary>
    [return: NotNullIfNotNull(nameof(trigger))]
    public static implicit operator TriggerBuilder?(Trigger? trigger) => trigger is null ? null : Of(trigger);

    /// <summary>Sets a zone other than the scheduler's.</summary>
    /// <param name="zone">An IANA name.</param>
    public TriggerBuilder In(string zone) => With($"in {Word(zone)}");

    /// <summary>Sets the first instant at which the trigger may fire. An interval starts at this instant.</summary>
    public TriggerBuilder From(DateTimeOffset start) => With($"from {IsoTime.Format(start)}");

    /// <summary>
    /// Sets the first day on which the trigger may fire, in the trigger's zone. A calendar interval starts on this day.
    /// </summary>
    public TriggerBuilder From(DateOnly start) => With($"from {Day(start)}");

    /// <summary>Sets the last instant at which the trigger may fire.</summary>
    public TriggerBuilder Until(DateTimeOffset end) => With($"until {IsoTime.Format(end)}");

    /// <summary>
    /// Sets the end to a day in the trigger's zone. A calendar interval includes the day, and other triggers only its
    /// first instant.
    /// </summary>
    public TriggerBuilder Until(DateOnly end) => With($"until {Day(end)}");

    /// <summary>
    /// Excludes days and parts of each day: names of excluded dates, <c>2041-12-25</c>, <c>2041-12-24/2042-01-02</c>,
    /// <c>12-25</c>, <c>22:00-06:00</c>. Called once, with all exclusions.
    /// </summary>
    public TriggerBuilder Except(params string[] items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return With($"except {string.Join(", ", items.Select(Word))}");
    }

    /// <summary>
    /// Limits the number of fire times, counted from the trigger's start, or from the instant at which the job was
    /// added.
    /// </summary>
    /// <param name="times">1 to a million. A missed fire time counts as well.</param>
    public TriggerBuilder Times(int times) => times is >= 1 and <= LimitedTrigger.Most
        ? With(FormattableString.Invariant($"times {times}"))
        : throw new ArgumentOutOfRangeException(nameof(times), times, $"Times({times}): from 1 to {LimitedTrigger.Most}.");

    /// <summary>
    /// Starts each run up to this much later than its fire time, so that jobs with the same fire time spread. The job's
    /// id and the fire time determine the delay.
    /// </summary>
    /// <param name="most">Above zero, and at most a day.</param>
    public TriggerBuilder Jitter(TimeSpan most) => most > TimeSpan.Zero && most <= TimeSpan.FromDays(1)
        ? With($"jitter {IntervalParts.Describe(most)}")
        : throw new ArgumentOutOfRangeException(nameof(most), most, $"Jitter({most}): above zero and at most a day.");

    /// <summary>Fires when all of several triggers fire.</summary>
    public static TriggerBuilder All(params TriggerBuilder[] triggers) => Join("and", triggers);

    /// <summary>Fires when any of several triggers fires.</summary>
    public static TriggerBuilder Any(params TriggerBuilder[] triggers) => Join("or", triggers);

    /// <summary>Returns a builder with a limit added at the end of the text.</summary>
    TriggerBuilder With(string limit) => new($"{this} {limit}");

    static TriggerBuilder Join(string word, TriggerBuilder[] triggers)
    {
        ArgumentNullException.ThrowIfNull(triggers);
        ArgumentOutOfRangeException.ThrowIfLessThan(triggers.Length, 2, nameof(triggers));
        return new(string.Join($" {word} ", triggers.Select(trigger => $"({trigger})")));
    }

    // A value must stay a single word, because several words would have another meaning.
    static string Word(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        return text.Trim().All(c => !char.IsWhiteSpace(c) && c is not ('(' or ')')) && !TriggerWords.IsKeyword(text.Trim())
            ? text.Trim()
            : throw new FormatException($"'{text}' is not one word; give each name, day and part of a day by itself.");
    }

    static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    sealed class ReadyTriggerBuilder(Trigger trigger) : TriggerBuilder(TriggerText.Write(trigger))
    {
        public override Trigger Build(TriggerContext context) => trigger;
    }
}
