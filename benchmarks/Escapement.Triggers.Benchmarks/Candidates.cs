namespace Escapement.Triggers.Benchmarks;

/// <summary>A library's answer to one question: the first fire time after an instant.</summary>
interface ICandidate
{
    DateTimeOffset After(DateTimeOffset at);
}

// Structs, so that each library's loop is compiled for it and pays for no call of the harness.
readonly struct Ours(string expression, string zone) : ICandidate
{
    readonly CronTrigger trigger = new(CronDefinition.FromExpression(expression), ZoneClock.Get(zone));

    // At or after is our question; the tick is part of the price.
    public DateTimeOffset After(DateTimeOffset at) => trigger.Next(new(at.UtcTicks + 1, TimeSpan.Zero))!.Value;
}

readonly struct CronosNext(string expression, string zone) : ICandidate
{
    readonly Cronos.CronExpression parsed = Cronos.CronExpression.Parse(expression);
    readonly TimeZoneInfo zone = TimeZoneInfo.FindSystemTimeZoneById(zone);

    public DateTimeOffset After(DateTimeOffset at) => parsed.GetNextOccurrence(at, zone)!.Value;
}

/// <summary>Cronos has a shorter way for UTC.</summary>
readonly struct CronosInUtc(string expression) : ICandidate
{
    readonly Cronos.CronExpression parsed = Cronos.CronExpression.Parse(expression);

    public DateTimeOffset After(DateTimeOffset at) => new(parsed.GetNextOccurrence(at.UtcDateTime)!.Value);
}

readonly struct QuartzNext(string expression, string zone) : ICandidate
{
    readonly Quartz.CronExpression parsed = new(expression, TimeZoneInfo.FindSystemTimeZoneById(zone));

    public DateTimeOffset After(DateTimeOffset at) => parsed.GetNextValidTimeAfter(at)!.Value;
}
