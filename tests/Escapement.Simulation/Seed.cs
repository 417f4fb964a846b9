using System.Globalization;
using System.Text.RegularExpressions;

namespace Escapement.Simulation;

/// <summary>
/// The origin of a whole simulation: a number, the number of nodes, and the maximum number of faults.
/// The text form is <c>1234-3n-4f</c>.
/// </summary>
/// <param name="Number">0 or more.</param>
/// <param name="Nodes">1 to 6.</param>
/// <param name="Faults">0 to 9.</param>
readonly partial record struct Seed(int Number, int Nodes, int Faults)
{
    /// <summary>Reads the form written by <see cref="ToString"/>.</summary>
    /// <exception cref="FormatException">The text has a different form. The message describes the form.</exception>
    public static Seed Parse(string text)
    {
        if (Form.Match(text) is { Success: true } match
            && int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return new(number, match.Groups[2].Value[0] - '0', match.Groups[3].Value[0] - '0');
        }

        throw new FormatException(
            $"'{text}' is not a seed. A seed is written NUMBER-NODESn-FAULTSf, such as 1234-3n-4f: a number from 0 to {int.MaxValue}, 1 to 6 nodes, 0 to 9 faults.");
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}-{Nodes}n-{Faults}f");

    [GeneratedRegex(@"\A([0-9]{1,10})-([1-6])n-([0-9])f\z")]
    private static partial Regex Form { get; }
}
