using System.CommandLine;

namespace Escapement.Cli.Scheduling;

/// <summary>The options of a time span and of the language.</summary>
sealed class SpanOptions
{
    readonly Option<string?> since = new("--since")
    {
        Description = "The beginning: 10m, 24h, 7d, a date such as 2041-05-06, or an instant. Default: 24h.",
        HelpName = "time",
    };

    readonly Option<string?> from = new("--from") { Description = "The beginning, as --since.", HelpName = "time" };

    readonly Option<string?> to = new("--to") { Description = "The end, in the same forms. Default: now.", HelpName = "time" };

    readonly Option<string?> lang = new("--lang")
    {
        Description = "en or zh. Default: the environment's language (LC_ALL, LC_MESSAGES, LANG), else English.",
        HelpName = "en|zh",
    };

    public SpanOptions(Command command)
    {
        command.Add(since);
        command.Add(from);
        command.Add(to);
        command.Add(lang);
    }

    /// <exception cref="FormatException">The language is not supported, the beginning is given twice, or the span is wrong.</exception>
    public SpanRequest Read(ParseResult parsed, TimeProvider clock)
    {
        if (parsed.GetValue(since) is not null && parsed.GetValue(from) is not null)
        {
            throw new FormatException("Give --since or --from, not both.");
        }

        SpanText.Check(clock.GetUtcNow(), parsed.GetValue(since) is null ? from.Name : since.Name,
            parsed.GetValue(since) ?? parsed.GetValue(from), to.Name, parsed.GetValue(to));
        return new(parsed.GetValue(since) ?? parsed.GetValue(from), parsed.GetValue(to), Languages.Read(parsed.GetValue(lang)));
    }
}
