using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>The warnings: what can be read but surprises people. Each has a name that does not change.</summary>
static class LintRules
{
    const uint AllHours = (1u << 24) - 1;

    // How far ahead changes of the clock are looked at: a trigger of one day a month meets one within it.
    static readonly TimeSpan Ahead = TimeSpan.FromDays(5 * 366);

    /// <summary>Looks at all triggers of one input.</summary>
    public static void Check(IReadOnlyList<LintedTrigger> triggers, LintRun run)
    {
        foreach (var linted in triggers)
        {
            Look(linted, run);
            FieldRules.Check(linted, run);
        }

        MidnightRule.Check(triggers, run);
    }

    // Without what limits it.
    static Trigger Core(LintedTrigger linted) => TriggerText.Parts(linted.Trigger).Core;

    static void Look(LintedTrigger linted, LintRun run)
    {
        if (NeverFires.Why(linted.Trigger, run.Now, Language.English) is { } why) Never(linted, why, run);
        else if (linted.Parts.Count > 0) Parts(linted, run);
        else ClockChange(linted, run);
    }

    // The reason lies in one part of an and, or in all parts of an or; else in the whole.
    static void Never(LintedTrigger linted, string why, LintRun run)
    {
        var parts = linted.Parts.Select(part => (Part: part, Why: NeverFires.Why(part.Trigger, run.Now, Language.English))).ToList();
        if (Core(linted) is OrTrigger && parts.TrueForAll(part => part.Why is not null)) parts.ForEach(part => Never(part.Part, part.Why!, run));
        else if (Core(linted) is AndTrigger && parts.Find(part => part.Why is not null) is { Part: not null } dead) Never(dead.Part, dead.Why!, run);
        else run.Warn(linted.Place, "never-fires", why, "Correct its days or its dates, or remove it.");
    }

    static void Parts(LintedTrigger linted, LintRun run)
    {
        var (core, exclusions, _) = TriggerText.Parts(linted.Trigger);
        if (core is OrTrigger)
        {
            foreach (var part in linted.Parts) Look(part with { Trigger = Excluding(part.Trigger, exclusions, core.Zone) }, run);
        }
        else if (core is AndTrigger and && Joined(and.Triggers) is { } joined)
        {
            // Which of the parts the clock skips does not tell what becomes of the whole.
            ClockChange(linted with { Trigger = TriggerText.Limited(joined, exclusions, null, default) }, run);
        }
    }

    // What the whole leaves out, as if it stood behind the part. With another zone its days are others.
    static Trigger Excluding(Trigger part, Exclusions? exclusions, ZoneClock zone)
    {
        var (core, own, times) = TriggerText.Parts(part);
        if (exclusions is null || core is DateTrigger || part.Zone.Name != zone.Name) return part;
        if (own is not null)
        {
            if (own.Spans.Count + exclusions.Spans.Count > Exclusions.MostSpans) return part;
            exclusions = Exclusions.Parse([.. own.Items, .. exclusions.Items], own.Dates.Concat(exclusions.Dates).Where(set => set.Name is not null).DistinctBy(set => set.Name).ToDictionary(set => set.Name!));
        }

        return TriggerText.Limited(core, exclusions, times?.Times, times?.From ?? default);
    }

    // Cron triggers of one zone in an and are one with the values that they share; null for all others.
    static CronTrigger? Joined(IReadOnlyList<Trigger> parts)
    {
        List<Trigger?> flat = [.. parts.Select(part => part is AndTrigger and ? Joined(and.Triggers) : part)];
        return flat.TrueForAll(part => part is CronTrigger) && flat.DistinctBy(part => part!.Zone.Name).Count() == 1 ? CronTrigger.Intersect([.. flat.Cast<CronTrigger>()]) : null;
    }

    static void ClockChange(LintedTrigger linted, LintRun run)
    {
        if (!ClockChanges.FollowsTheWall(linted.Trigger)) return;
        // What runs around the clock is met by every change, and nobody is surprised, unless a time is lost.
        var isAroundTheClock = Core(linted) is CronTrigger { Fields.Hours: AllHours };
        var zone = linted.Trigger.Zone;
        var (skips, repeats) = (false, isAroundTheClock);
        foreach (var change in ClockChanges.After(linted.Trigger, run.Now, Language.English).TakeWhile(change => change.At < run.Now + Ahead))
        {
            if (!skips && (change.Effect == ClockEffect.Excluded || change.Effect == ClockEffect.Moved && !isAroundTheClock))
            {
                skips = true;
                run.Warn(linted.Place, "clock-skips", $"{change.Sentence} ({zone.Name})", "Choose a time that the clock does not skip, or a zone without changes such as UTC.");
            }
            else if (change.Effect == ClockEffect.BothPasses && !repeats)
            {
                repeats = true;
                run.Warn(linted.Place, "clock-repeats", $"{change.Sentence} ({zone.Name})", "To fire once, write hour, minute and second as numbers, without *, range and step; or choose UTC.");
            }
        }
    }
}
