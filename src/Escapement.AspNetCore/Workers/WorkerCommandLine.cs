using System.Globalization;

namespace Escapement.AspNetCore.Workers;

/// <summary>Parses the number of workers from the command line.</summary>
/// <param name="Count">The number, or null if the command line does not mention workers.</param>
/// <param name="Rest">The remaining arguments, in order.</param>
sealed record WorkerCommandLine(int? Count, IReadOnlyList<string> Rest)
{
    /// <summary>The maximum number of workers of a launcher. Beyond this number, a second machine helps more than a
    /// further process.</summary>
    public const int Most = 64;

    const string Option = "--workers";

    /// <summary>Parses <c>--workers N</c> or <c>--workers=N</c>. Arguments after a bare <c>--</c> are
    /// ignored.</summary>
    /// <exception cref="FormatException">The number is missing, given twice, not a number or out of range. The message
    /// is shown to the user.</exception>
    public static WorkerCommandLine Parse(IReadOnlyList<string> arguments)
    {
        int? count = null;
        List<string> rest = [];
        for (var at = 0; at < arguments.Count; at++)
        {
            var argument = arguments[at];
            if (argument == "--")
            {
                rest.AddRange(arguments.Skip(at));
                break;
            }

            if (ValueIn(argument) is not { } value)
            {
                rest.Add(argument);
                continue;
            }

            if (value is "" && argument.Length == Option.Length)
            {
                value = ++at < arguments.Count ? arguments[at] : throw Fault($"{Option} is not followed by a number");
            }

            if (count is not null) throw Fault($"{Option} is given twice");
            count = Number(value);
        }

        return new(count, rest);
    }

    static string? ValueIn(string argument) =>
        !argument.StartsWith(Option, StringComparison.OrdinalIgnoreCase) ? null
        : argument.Length == Option.Length ? ""
        : argument[Option.Length] == '=' ? argument[(Option.Length + 1)..]
        : null;

    static int Number(string value) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= Most
            ? number
            : throw Fault($"'{value}' is not a number of workers");

    static FormatException Fault(string what) => new($"{what}: {Option} takes a whole number from 1 to {Most}.");
}
