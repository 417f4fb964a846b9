using System.CommandLine;
using System.Globalization;
using Escapement.Triggers;

namespace Escapement.Cli.Scheduling;

/// <summary>The option <c>--limit</c> of a list.</summary>
static class LimitOption
{
    const int Default = 100;

    public static Option<string?> Create() => new("--limit") { Description = $"How many, 1 to 1000. Default: {Default}.", HelpName = "number" };

    /// <exception cref="FormatException">The text is not a limit.</exception>
    public static int Read(string? text) => text is null ? Default
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= RunQuery.MaxLimit ? number
        : throw new FormatException($"--limit: '{Printable.Shown(text)}' is not a limit: give a whole number from 1 to {RunQuery.MaxLimit}.");
}
