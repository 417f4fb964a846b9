using Escapement.Ledger;
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
