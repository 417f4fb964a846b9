using System.Globalization;

namespace Escapement.AspNetCore.Workers;

/// <summary>How many workers a command line asks for, and what of it is for the workers.</summary>
/// <param name="Count">The number; null when the line does not speak of workers.</param>
/// <param name="Rest">The other arguments, in order.</param>
sealed record WorkerCommandLine(int? Count, IReadOnlyList<string> Rest)
{
    /// <summary>The most that one launcher starts: beyond it another machine helps more than another process.</summary>
    public const int Most = 64;

    const string Option = "--workers";

    /// <summary>Reads <c>--workers N</c> or <c>--workers=N</c>; behind a bare <c>--</c> nothing is ours.</summary>
    /// <exception cref="FormatException">The number is missing, given twice, not a number or out of range; the message is for people.</exception>
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
