using System.Globalization;
using Escapement.Triggers;

namespace Escapement;

/// <summary>A trigger as a program writes it, before the zone, the moment and the job's id are known.</summary>
/// <remarks>It is its text, as <see cref="TriggerText"/> reads it: two recipes with the same text build the same trigger. Immutable.</remarks>
public class TriggerBuilder
{
    readonly string text;

    internal TriggerBuilder(string text) => this.text = text;

    /// <summary>Makes the trigger.</summary>
    /// <exception cref="FormatException">The recipe holds a text that cannot be read.</exception>
    public virtual Trigger Build(TriggerContext context) => TriggerText.Parse(ToString(), context);

    /// <summary>The trigger in its text form.</summary>
    public override string ToString() => text;

    /// <summary>From the text form of a trigger: <c>0 9 * * mon-fri</c>, <c>every 20 minutes except 22:00-06:00</c>. Read when it is built.</summary>
    public static TriggerBuilder Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new(text);
    }

    /// <summary>From a cron expression.</summary>
    /// <param name="expression">Five or six fields, or a word such as <c>@daily</c>; also any other text form.</param>
    /// <param name="zone">An IANA name; null: the scheduler's zone.</param>
    public static TriggerBuilder Cron(string expression, string? zone = null)
    {
        ArgumentNullException.ThrowIfNull(expression);
        return zone is null ? new(expression) : new TriggerBuilder(expression).In(zone);
    }

    /// <summary>From an interval in real time that begins one interval after the job was added, or at <paramref name="start"/>.</summary>
    public static TriggerBuilder Interval(TimeSpan interval, DateTimeOffset? start = null) =>
        new($"every {IntervalParts.Describe(interval)}" + (start is { } at ? $" from {IsoTime.Format(at)}" : ""));

    /// <summary>One fire time.</summary>
    public static TriggerBuilder Date(DateTimeOffset at) => new($"at {IsoTime.Format(at)}");

    /// <summary>A trigger that is complete already.</summary>
    public static TriggerBuilder Of(Trigger trigger) => new ReadyTriggerBuilder(trigger);

    /// <summary>In another zone than the scheduler's.</summary>
    /// <param name="zone">An IANA name.</param>
    public TriggerBuilder In(string zone) => With($"in {Word(zone)}");

    /// <summary>Not before an instant; an interval starts there.</summary>
    public TriggerBuilder From(DateTimeOffset start) => With($"from {IsoTime.Format(start)}");

    /// <summary>Not before a day in the trigger's zone; a calendar interval starts with it.</summary>
    public TriggerBuilder From(DateOnly start) => With($"from {Day(start)}");

    /// <summary>Not after an instant.</summary>
    public TriggerBuilder Until(DateTimeOffset end) => With($"until {IsoTime.Format(end)}");

    /// <summary>Not after a day in the trigger's zone. Of a calendar interval the day itself is included, of others its first instant.</summary>
    public TriggerBuilder Until(DateOnly end) => With($"until {Day(end)}");

    /// <summary>Not on these days and not in these parts of each day: names of excluded dates, <c>2041-12-25</c>, <c>2041-12-24/2042-01-02</c>, <c>12-25</c>, <c>22:00-06:00</c>. Once, with all of them.</summary>
    public TriggerBuilder Except(params string[] items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return With($"except {string.Join(", ", items.Select(Word))}");
    }

    /// <summary>At most so many times, counted from the trigger's start, or from when the job was added.</summary>
    /// <param name="times">1 to a million. A fire time that was missed counts as well.</param>
    public TriggerBuilder Times(int times) => times is >= 1 and <= LimitedTrigger.Most
        ? With(FormattableString.Invariant($"times {times}"))
        : throw new ArgumentOutOfRangeException(nameof(times), times, $"Times({times}): from 1 to {LimitedTrigger.Most}.");

    /// <summary>Starts each run up to so much later than its fire time, so that jobs of one instant spread; by how much, the job's id and the fire time decide.</summary>
    /// <param name="most">Above zero, and at most a day.</param>
    public TriggerBuilder Jitter(TimeSpan most) => most > TimeSpan.Zero && most <= TimeSpan.FromDays(1)
        ? With($"jitter {IntervalParts.Describe(most)}")
        : throw new ArgumentOutOfRangeException(nameof(most), most, $"Jitter({most}): above zero and at most a day.");

    /// <summary>When all of several triggers fire.</summary>
    public static TriggerBuilder All(params TriggerBuilder[] triggers) => Join("and", triggers);

    /// <summary>When any of several triggers fires.</summary>
    public static TriggerBuilder Any(params TriggerBuilder[] triggers) => Join("or", triggers);

    /// <summary>The same with something behind it.</summary>
    TriggerBuilder With(string limit) => new($"{this} {limit}");

    static TriggerBuilder Join(string word, TriggerBuilder[] triggers)
    {
        ArgumentNullException.ThrowIfNull(triggers);
        ArgumentOutOfRangeException.ThrowIfLessThan(triggers.Length, 2, nameof(triggers));
        return new(string.Join($" {word} ", triggers.Select(trigger => $"({trigger})")));
    }

    // What is one word must not become several, which would say something else.
    static string Word(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        return text.Trim().All(c => !char.IsWhiteSpace(c) && c is not ('(' or ')')) && !TriggerTextReader.IsKeyword(text)
            ? text.Trim()
            : throw new FormatException($"'{text}' is not one word; give each name, day and part of a day by itself.");
    }

    static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    sealed class ReadyTriggerBuilder(Trigger trigger) : TriggerBuilder(TriggerText.Write(trigger))
    {
        public override Trigger Build(TriggerContext context) => trigger;
    }
}
