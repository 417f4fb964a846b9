using System.CommandLine;
using System.Text.Json;
using Escapement.Triggers;

namespace Escapement.Cli;

/// <summary>The arguments of <c>next</c> and <c>explain</c>: a trigger as an expression, another text form, named
/// fields or JSON, with its zone and start.</summary>
sealed class TriggerArguments
{
    readonly Argument<string?> expression = new("expression")
    {
        Description = "A cron expression of five or six fields in quotes, a word such as @daily, another text form of a trigger (\"every 2 weeks at 09:30 except 22:00-06:00\"), or a trigger as a JSON object.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    readonly Option<string?> zone = new("--zone")
    {
        Description = "The time zone, an IANA name. Default: the machine's.",
        HelpName = "zone"
    };
    readonly Option<string?> from = new(
        "--from")
    {
        Description = "The first instant that may be shown, for example \"2041-05-06 07:08:09\". Default: now.",
        HelpName = "date"
    };
    readonly Option<string?> count = new(
        "--count")
    { Description = $"How many, 1 to {NextRequest.MaxCount}. Default: {NextRequest.DefaultCount}.", HelpName = "number" };
    readonly Option<string?> jobId = new("--job-id") { Description = "The job's id, from which H takes its value.", HelpName = "id" };

    readonly List<(string Field, Option<string?> Option)> fields =
    [
        .. CronField.All.Select(field =>
            (field.Name, new Option<string?>("--" + field.Name.Replace('_', '-')) { Description = Describe(field), HelpName = "value" })),
        ("start_date", new("--start-date") { Description = "No fire time is before it.", HelpName = "date" }),
        ("end_date", new("--end-date") { Description = "No fire time is after it.", HelpName = "date" }),
    ];

    public TriggerArguments(Command command)
    {
        command.Add(expression);
        command.Add(zone);
        command.Add(from);
        command.Add(count);
        command.Add(jobId);
        foreach (var (_, option) in fields) command.Add(option);
    }

    public bool HasTrigger(ParseResult parsed) => parsed.GetValue(expression) is not null || GivenFields(parsed).Any();

    public bool HasAny(ParseResult parsed) =>
        HasTrigger(parsed) || ((Option<string?>[])[zone, from, count, jobId]).Any(option => parsed.GetValue(option) is not null);

    /// <summary>Reads all arguments. A corrected zone name is reported on standard error.</summary>
    /// <exception cref="FormatException">An argument is invalid.</exception>
    public (Trigger Trigger, DateTimeOffset From, int Count) Read(ParseResult parsed, TimeProvider clock)
    {
        var (where, start) = ZoneAndStart(parsed.GetValue(zone), parsed.GetValue(from), clock);
        return (ReadTrigger(parsed, new(where, start, NextRequest.Job(parsed.GetValue(jobId), "--job-id"))), start,
            ReadCount(parsed.GetValue(count)));
    }

    /// <summary>Reads <c>--zone</c> and <c>--from</c>. A corrected zone name is reported on standard error.</summary>
    /// <exception cref="FormatException">An argument is invalid.</exception>
    public static (ZoneClock Zone, DateTimeOffset Start) ZoneAndStart(string? zone, string? from, TimeProvider clock)
    {
        var remark = default(string);
        var where = zone is null ? ZoneClock.Local : NextRequest.Zone(zone, "--zone", out remark);
        if (zone is null) remark = MachineZone.Remark(Environment.GetEnvironmentVariable("TZ"));
        if (remark is not null) StandardError.Say(remark);
        if (from is null)
        {
            // Whole seconds, so that an interval that starts now is printed in its usual form.
            var now = clock.GetUtcNow();
            return (where, where.ToZone(now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond))));
        }

        return IsoTime.TryParse(IsoTime.Typed(from), where, out var start, out _)
            ? (where, start)
            : throw new FormatException($"--from: '{from}' is not a date: {IsoTime.AllowedTyped}.");
    }

    Trigger ReadTrigger(ParseResult parsed, TriggerContext context)
    {
        var given = GivenFields(parsed).ToDictionary(field => field.Key, field => field.Value, StringComparer.Ordinal);
        if (parsed.GetValue(expression) is not { } text) return TriggerJson.Read("cron", given, context);
        if (given.Count > 0)
        {
            throw new FormatException(
                $"Give an expression or fields, not both: the expression is '{text}', and there is --{given.Keys.First().Replace('_', '-')}.");
        }

        if (!text.TrimStart().StartsWith('{')) return TriggerText.Parse(text, context);
        try
        {
            using var json = JsonDocument.Parse(text, NextRequest.Deep);
            return TriggerJson.Read(json.RootElement.Clone(), context);
        }
        catch (JsonException failure)
        {
            var where = (failure.LineNumber > 0 ? $"line {failure.LineNumber + 1}, " : "")
                + $"byte {(failure.BytePositionInLine ?? 0) + 1}";
            throw new FormatException(
                $"The trigger begins with a brace, but is not JSON: {JsonFault.Problem(text, failure, NextRequest.Deep.MaxDepth)}, at {where}.", failure);
        }
    }

    IEnumerable<KeyValuePair<string, JsonElement>> GivenFields(ParseResult parsed) =>
        from field in fields
        let text = parsed.GetValue(field.Option)
        where text is not null
        select KeyValuePair.Create(field.Field, JsonSerializer.SerializeToElement(IsDate(field.Field) ? IsoTime.Typed(text) : text));

    static bool IsDate(string field) => field is "start_date" or "end_date";

    static int ReadCount(string? text)
    {
        if (text is null) return NextRequest.DefaultCount;
        return NextRequest.CheckCount(
            int.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture,
                out var number) ? number : null, $"'{text}'", "--count");
    }

    static string Describe(CronField field) => $"{char.ToUpperInvariant(field.Allowed[0])}{field.Allowed[1..]}.";
}
