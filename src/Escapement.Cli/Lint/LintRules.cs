using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>The warnings about valid but surprising triggers. Each warning has a stable name.</summary>
static class LintRules
{
    // The period examined for clock changes. A trigger for a single day of the month meets a change within the period.
    static readonly TimeSpan Ahead = TimeSpan.FromDays(5 * 366);

    /// <summary>Checks all triggers of an input.</summary>
    public static void Check(IReadOnlyList<LintedTrigger> triggers, LintRun run)
    {
        foreach (var linted in triggers)
        {
            Look(linted, linted.Trigger, run);
            FieldRules.Check(linted, run);
        }

        MidnightRule.Check(triggers, run);
    }

    // The trigger without its limits.
    static Trigger Core(LintedTrigger linted) => TriggerText.Parts(linted.Trigger).Core;

    // A combined trigger may end while its parts would continue.
    static void Look(LintedTrigger linted, Trigger whole, LintRun run)
    {
        if (Never(linted, run)) ReportNever(linted, run);
        else if (linted.Parts.Count > 0) Parts(linted, whole, run);
        else if (linted.Trigger is DateTrigger) Date(linted, run);
        else ClockChange(linted, whole, run);
    }

    static bool Never(LintedTrigger linted, LintRun run) => linted.Always(trigger => trigger.Next(run.Now) is null);

    // The reason lies in a single part of an and, in all parts of an or, or in the whole trigger.
    static void ReportNever(LintedTrigger linted, LintRun run)
    {
        if (Core(linted) is OrTrigger && linted.Parts.All(part => Never(part, run)))
        {
            foreach (var part in linted.Parts) ReportNever(part, run);
        }
        else if (Core(linted) is AndTrigger && linted.Parts.FirstOrDefault(part => Never(part, run)) is { } dead)
        {
            ReportNever(dead, run);
        }
        else
        {
            run.Warn(linted.Place, "never-fires", NeverFires.Why(linted.Trigger, run.Now, Language.English) + linted.Remark,
                "Correct its days or its dates, or remove it.");
        }
    }

    static void Parts(LintedTrigger linted, Trigger whole, LintRun run)
    {
        var (core, exclusions, _) = TriggerText.Parts(linted.Trigger);
        if (core is OrTrigger)
        {
            foreach (var part in linted.Parts)
            {
                Look(part.With(trigger => ClockChanges.PartOfOr(trigger, exclusions, core.Zone)), whole, run);
            }
        }
        else if (linted.Always(trigger => AsCron(trigger) is not null))
        {
            // A part that the clock skips does not reveal the effect on the whole trigger.
            ClockChange(linted.With(trigger => TriggerText.Limited(AsCron(trigger)!, exclusions, null, default)), whole, run);
        }
    }

    static CronTrigger? AsCron(Trigger trigger) => (TriggerText.Parts(trigger).Core as AndTrigger)?.AsCron;

    static void ClockChange(LintedTrigger linted, Trigger whole, LintRun run)
    {
        if (!ClockChanges.FollowsTheWall(linted.Trigger)) return;
        // A trigger that runs around the clock meets every change, and nobody is surprised unless a time is lost.
        var isAroundTheClock = Core(linted) is CronTrigger { Fields.Hours: CronFields.AllHours };
        var zone = linted.Trigger.Zone;
        var (skips, repeats) = (false, isAroundTheClock);
        foreach (var change in ClockChanges.After(linted.Trigger, run.Now, Language.English)
            .TakeWhile(change => change.At < run.Now + Ahead && whole.Next(change.At.AddDays(-1)) is not null))
        {
            if (!linted.Always(trigger => EffectAt(trigger, change.At) == change.Effect)) continue;
            if (!skips && (ClockChanges.LosesTimes(linted.Trigger, change) || change.Effect == ClockEffect.Moved && !isAroundTheClock))
            {
                skips = true;
                run.Warn(linted.Place, "clock-skips", $"{change.Sentence} ({zone.Name}){linted.Remark}",
                    "Choose a time that the clock does not skip, or a zone without changes such as UTC.");
            }
            else if (change.Effect == ClockEffect.BothPasses && !repeats)
            {
                repeats = true;
                run.Warn(linted.Place, "clock-repeats", $"{change.Sentence} ({zone.Name}){linted.Remark}",
                    $"To fire once, write {(linted.IsOurs ? "hour, minute and second" : "hour and minute")} as numbers, without *, range and step; or choose UTC.");
            }
        }
    }

    static void Date(LintedTrigger linted, LintRun run)
    {
        if (GivenDate.Remark(linted.Trigger, Language.English) is not var (kind, sentence)) return;
        if (kind == WallTimeKind.Skipped)
        {
            run.Warn(linted.Place, "clock-skips", sentence,
                "Choose a time that the clock does not skip, or give the offset that is meant.");
        }
        else
        {
            run.Warn(linted.Place, "clock-repeats", sentence, "Give the offset that is meant.");
        }
    }

    static ClockEffect EffectAt(Trigger trigger, DateTimeOffset change) =>
        ClockChanges.After(trigger, change.AddSeconds(-1), Language.English).First().Effect;
}
