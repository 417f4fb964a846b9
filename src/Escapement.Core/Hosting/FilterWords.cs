using System.Diagnostics.CodeAnalysis;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Stores;
using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>Reads the words of a filter, as the answers show them: of a request, or of the command line.</summary>
public static class FilterWords
{
    /// <summary>Returns the outcomes of a list such as <c>failed,timed_out</c>.</summary>
    /// <param name="name">The name of the filter, for the message.</param>
    /// <param name="text">Words separated by commas.</param>
    /// <exception cref="FormatException">A word is no outcome. The message names the allowed words.</exception>
    public static IReadOnlySet<Outcome> Outcomes(string name, string text) => Read<Outcome>(name, text, OutcomeWords.Of);

    /// <summary>Returns the reasons of a list such as <c>NoActiveNode,ClockJump</c>.</summary>
    /// <inheritdoc cref="Outcomes"/>
    /// <exception cref="FormatException">A word is no reason. The message names the allowed words.</exception>
    public static IReadOnlySet<Reason> Reasons(string name, string text) => Read<Reason>(name, text, OutcomeWords.Of);

    /// <summary>Returns the causes of a list such as <c>backfill</c>.</summary>
    /// <inheritdoc cref="Outcomes"/>
    /// <exception cref="FormatException">A word is no cause. The message names the allowed words.</exception>
    public static IReadOnlySet<RunCause> Causes(string name, string text) => Read<RunCause>(name, text, OutcomeWords.Of);

    /// <summary>Returns the kinds of a list such as <c>missed</c>.</summary>
    /// <inheritdoc cref="Outcomes"/>
    /// <exception cref="FormatException">A word is no kind. The message names the allowed words.</exception>
    public static IReadOnlySet<ItemKind> Kinds(string name, string text) => Read<ItemKind>(name, text, OutcomeWords.Of);

    /// <summary>Returns the instant of a text, or null without a text.</summary>
    /// <param name="name">The name of the filter, for the message.</param>
    /// <param name="text">An instant, a date, or a duration back from now, or null.</param>
    /// <param name="now">The instant from which durations count back.</param>
    /// <param name="zone">The zone of a time without an offset.</param>
    /// <exception cref="FormatException">The text is no point in time. The message names the allowed forms.</exception>
    [return: NotNullIfNotNull(nameof(text))]
    public static DateTimeOffset? Time(string name, string? text, DateTimeOffset now, ZoneClock zone) => text is null ? null
        : PointInTime.TryParse(text, now, zone, out var instant) ? instant
        : throw new FormatException($"{name} is '{Printable.Shown(text)}'; {PointInTime.Allowed}.");

    /// <summary>Returns a time span, by default the 24 hours before its end, which is now by default.</summary>
    /// <param name="given">Returns the text of <c>from</c> and <c>to</c>, or null.</param>
    /// <param name="prefix">The characters before a name in messages, such as two dashes.</param>
    /// <param name="now">The instant from which durations count back.</param>
    /// <param name="zone">The zone of a time without an offset.</param>
    /// <exception cref="FormatException">A text is no point in time, or the span does not begin before it ends.</exception>
    public static (DateTimeOffset From, DateTimeOffset To) Span(
        Func<string, string?> given, string prefix, DateTimeOffset now, ZoneClock zone)
    {
        ArgumentNullException.ThrowIfNull(given);
        var to = Time(prefix + "to", given("to"), now, zone) ?? now;
        var from = Time(prefix + "from", given("from"), now, zone) ?? to.Minus(StoreLedger.DefaultSpan);
        if (from < to) return (from, to);
        throw new FormatException(given("from") is null
            ? $"{prefix}to is '{IsoTime.Format(to)}'; an instant after the begin of the span, {IsoTime.Format(from)}, is allowed."
            : $"{prefix}from is '{IsoTime.Format(from)}'; an instant before the end of the span, {IsoTime.Format(to)}, is allowed.");
    }

    /// <summary>Returns the instants of <c>since</c> and <c>until</c>, each null without a text.</summary>
    /// <param name="given">Returns the text of <c>since</c> and <c>until</c>, or null.</param>
    /// <param name="prefix">The characters before a name in messages, such as two dashes.</param>
    /// <param name="now">The instant from which durations count back.</param>
    /// <param name="zone">The zone of a time without an offset.</param>
    /// <exception cref="FormatException">A text is no point in time, or <c>since</c> is not before <c>until</c>.</exception>
    public static (DateTimeOffset? Since, DateTimeOffset? Until) Range(
        Func<string, string?> given, string prefix, DateTimeOffset now, ZoneClock zone)
    {
        ArgumentNullException.ThrowIfNull(given);
        var (from, to) = (given("since"), given("until"));
        var (since, until) = (Time(prefix + "since", from, now, zone), Time(prefix + "until", to, now, zone));
        return !(since >= until) ? (since, until) : throw new FormatException(
            $"{prefix}until is '{Printable.Shown(to!)}'; an instant after {prefix}since is allowed, which is '{Printable.Shown(from!)}'.");
    }

    /// <summary>Returns a query for runs, without a place to continue from.</summary>
    /// <param name="given">Returns the text of a filter with the names of REST, such as <c>job_id</c> and <c>since</c>, or null.</param>
    /// <param name="prefix">The characters before a name in messages, such as two dashes.</param>
    /// <param name="now">The instant from which durations count back.</param>
    /// <param name="zone">The zone of a time without an offset.</param>
    /// <param name="page">The limit and the last run of the previous page, or null for the first page.</param>
    /// <exception cref="FormatException">A value is not allowed. The message names the filter, the value and the allowed
    /// values.</exception>
    public static RunQuery Runs(
        Func<string, string?> given, string prefix, DateTimeOffset now, ZoneClock zone, (int Limit, RunId? Before) page)
    {
        ArgumentNullException.ThrowIfNull(given);
        var (since, until) = Range(given, prefix, now, zone);
        return new()
        {
            Job = given("job_id") is { } job ? JobId.Parse(job) : null,
            Outcomes = given("outcome") is { } outcomes ? Outcomes(prefix + "outcome", outcomes) : null,
            Reasons = given("reason") is { } reasons ? Reasons(prefix + "reason", reasons) : null,
            Causes = given("cause") is { } causes ? Causes(prefix + "cause", causes) : null,
            Node = given("node"),
            Tag = given("tag"),
            Since = since,
            Until = until,
            Limit = page.Limit,
            Before = page.Before,
        };
    }

    static HashSet<T> Read<T>(string name, string text, Func<T, string> word)
        where T : struct, Enum
    {
        ArgumentNullException.ThrowIfNull(text);
        var known = Enum.GetValues<T>().ToDictionary(word, StringComparer.OrdinalIgnoreCase);
        HashSet<T> found = [];
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!known.TryGetValue(part, out var value))
            {
                throw new FormatException(
                    $"{name} is '{Printable.Shown(text)}'; one or more of these words are allowed, separated by commas: {string.Join(", ", known.Keys)}.");
            }

            found.Add(value);
        }

        return found;
    }
}
