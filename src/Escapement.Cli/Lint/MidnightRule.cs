using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>The warning that many triggers of one input fire at 00:00.</summary>
static class MidnightRule
{
    // The number of triggers from which midnight is crowded.
    const int Crowd = 3;

    // The number of examined fire times.
    // The share at 00:00 must be at least the share of a trigger with four times a day.
    const int Looked = 48;
    const int Part = 4;

    public static void Check(IReadOnlyList<LintedTrigger> triggers, LintRun run)
    {
        var crowd = triggers.Where(linted => linted.Always(trigger => IsAtMidnight(trigger, run.Now))).ToList();
        if (crowd.Count < Crowd) return;
        var lines = crowd.Select(linted => linted.Place.Line + 1).Distinct().ToList();
        var where = lines.Count > 1 ? $": lines {string.Join(", ", lines[..^1])} and {lines[^1]}" : "";
        run.Warn(crowd[0].Place, "everyone-at-midnight", $"{crowd.Count} triggers fire at 00:00{where}.",
            crowd.Exists(linted => !linted.IsOurs)
                ? "Spread them over the night: give each a minute of its own."
                : "Spread them over the night, or write H for the minute, which gives each job a minute of its own.");
    }

    // The fire times decide, regardless of the kind of trigger.
    // A trigger that fires once does not meet the others again.
    static bool IsAtMidnight(Trigger trigger, DateTimeOffset now)
    {
        if (trigger is DateTrigger || trigger.Next(now) is null) return false;
        // The last remaining fire times of a limited trigger may be any part of its day.
        var times = NextRequest.FireTimes(trigger is LimitedTrigger limited ? limited.Inner : trigger, now, Looked).ToList();
        var atMidnight = times.Count(time => time.TimeOfDay == TimeSpan.Zero);
        return atMidnight > 0 && atMidnight * Part >= times.Count;
    }
}
