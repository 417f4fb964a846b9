using System.Globalization;

namespace Escapement.Ledger;

/// <summary>Makes the sentences of fire times that did not run, of activations and of contradictions.</summary>
/// <param name="part">The part of the ledger.</param>
/// <param name="times">The activations.</param>
sealed class LedgerSentences(LedgerPart part, ActiveTimes times)
{
    /// <summary>Returns the sentence of fire times that did not run.</summary>
    /// <param name="item">The fire times.</param>
    /// <param name="text">The language and the zone.</param>
    /// <param name="into">The run into which the fire times merged, or null.</param>
    public string Of(NotRun item, LedgerText text, Run? into)
    {
        var (first, last, cause) = (text.Time(item.First), text.Time(item.Last), Cause(item, text, into));
        if (item is { Reason: Reason.Coalesced, Into: { } later })
        {
            var run = text.Time(later);
            return item.Count == 1 ? text.Say("One.Merged", first, run, cause) : text.Say("Many.Merged", first, last, item.Count, run, cause);
        }

        var kind = item.IsDecided ? item.Kind.ToString() : "Open";
        return item.Count == 1 ? text.Say($"One.{kind}", first, cause) : text.Say($"Many.{kind}", first, last, item.Count, cause);
    }

    /// <summary>Returns the cause of fire times that did not run, as a part of a sentence.</summary>
    public string Cause(NotRun item, LedgerText text, Run? into) => item switch
    {
        { Run: { } run } => OfRun(item, run, text),
        { Action: { } action, Pause: null } => OfAction(action, text),
        { Pause: { } pause } => OfPause(pause, text),
        { Gap: { } gap } => OfGap(gap, text),
        { Reason: Reason.Paused or Reason.SchedulerPaused } => OfPauseAction(item, text),
        { Reason: Reason.Coalesced } => WhatMadeLate(item, text, into) ?? (into?.ClaimedAt is { } at
            ? text.Say("Late", text.Time(at))
            : text.Say("Merged.Unknown")),
        { Reason: Reason.MisfireGraceExceeded } => WhatMadeLate(item, text, into) is { } why
            ? text.Say("MisfireGraceExceeded.Because", Grace(item, text), why)
            : text.Say("MisfireGraceExceeded", Grace(item, text)),
        _ => OfReason(item, text),
    };

    string OfReason(NotRun item, LedgerText text) => item.Reason switch
    {
        Reason.MaxInstancesReached => text.Say("MaxInstancesReached", item.Definition?.Options.MaxInstances ?? 1),
        Reason.HandlerNotRegistered => text.Say("HandlerNotRegistered", item.Definition?.Handler ?? ""),
        Reason.ExecutorSaturated => text.Say("ExecutorSaturated", item.Definition?.Options.Executor ?? "", Grace(item, text)),
        Reason.StoreUnavailable => OfMark(MarkKind.StoreOutage, "StoreUnavailable", item, text),
        Reason.ClockJump => OfMark(MarkKind.ClockJump, "ClockJump", item, text),
        Reason.NoActiveNode or Reason.ShutDown => times.Within(item.First, item.Last + 1).FirstOrDefault() is { } gap
            ? OfGap(gap, text)
            : ReasonText.Clause(item.Reason, text.Language),
        _ => ReasonText.Clause(item.Reason, text.Language),
    };

    string OfRun(NotRun item, Run run, LedgerText text) => run.Reason switch
    {
        Reason.Draining or Reason.Fenced or Reason.Interrupted when Node(run.Node) is { } node =>
            text.Process(run.Reason.ToString()!, node),
        Reason.Removed => text.Say("Removed.Run"),
        Reason.MisfireGraceExceeded => text.Say("MisfireGraceExceeded", Grace(item, text)),
        _ => OfReason(item, text),
    };

    static string OfAction(JobAction action, LedgerText text)
    {
        var (by, at, why) = (text.By(action.By), text.Time(action.At), text.Note(action.Why));
        return action switch
        {
            { Kind: ActionKind.Removed } => text.Say("Removed", by, at, why),
            { Kind: ActionKind.Retired } => text.Say("Removed.Retired", at),
            { Kind: ActionKind.SkippedNext } => text.Say("SkippedByHand", by, at, why),
            { Kind: ActionKind.SwitchedOff } => text.Say("SwitchedOff", at),
            { Kind: ActionKind.Declared, To: { } next } => text.Say("Declared", at, text.Time(next)),
            { Kind: ActionKind.ClockWentBack } => text.Say("ClockJump.Unknown"),
            { Kind: ActionKind.Paused or ActionKind.Resumed } => text.Say("Paused", "", "", text.Say("Until", at), ""),
            { To: { } next } => text.Say("Changed", by, at, text.Time(next), why),
            _ => text.Say("Changed.End", by, at, why),
        };
    }

    static string OfPause(ScopedPause pause, LedgerText text)
    {
        var until = pause.Ended ?? pause.Pause.Until;
        var name = pause.Pause switch
        {
            _ when pause.Scope == PauseScope.All => "SchedulerPaused",
            { AfterFailures: not null } => "CircuitOpen",
            { Scope: PauseScope.Tag } => "Paused.Tag",
            { Scope: PauseScope.Executor } => "Paused.Executor",
            _ => "Paused",
        };
        return text.Say(name, text.By(pause.Pause.By),
            text.Say("Since", text.Time(pause.Pause.At)), until is { } end ? text.Say("Until", text.Time(end)) : "",
            text.Note(pause.Pause.Why), pause.Pause.Name ?? "");
    }

    /// <summary>Returns the sentence of a pause whose row the retention deleted, by the action that set the
    /// pause.</summary>
    string OfPauseAction(NotRun item, LedgerText text)
    {
        var action = part.Actions.FirstOrDefault(action => action.Number == item.Entry?.Cause);
        return text.Say(item.Reason.ToString(), text.By(action?.By), action is null ? "" : text.Say("Since", text.Time(action.At)),
            action?.Until is { } until ? text.Say("Until", text.Time(until)) : "", text.Note(action?.Why));
    }

    string OfGap(Gap gap, LedgerText text)
    {
        if (gap.Reason == Reason.ShutDown) return OfShutDown(gap, text);
        var (before, after) = (gap.Before is { } last ? Ended(last, text) : "", gap.After is { } next ? Began(gap, next, text) : "");
        return (gap.Before, gap.After) switch
        {
            (null, null) => text.Say("Gap.Ever"),
            (null, _) => text.Say("Gap.Before", text.Time(gap.To), after),
            (_, null) => text.Say("Gap.Since", text.Time(gap.From), before),
            _ => text.Say("Gap", text.Time(gap.From), before, text.Time(gap.To), after),
        };
    }

    string OfShutDown(Gap gap, LedgerText text)
    {
        var action = part.Actions.LastOrDefault(action => action.Kind == ActionKind.SchedulerShutDown && action.At.ToMicros() <= gap.From);
        var (by, why) = (text.By(action?.By), text.Note(action?.Why));
        return gap.After is null
            ? text.Say("ShutDown.Since", text.Time(gap.From), by, why)
            : text.Say("ShutDown", text.Time(gap.From), text.Time(gap.To), by, why);
    }

    static string Ended(Epoch epoch, LedgerText text) => text.Process(LedgerText.Known("End", epoch.How), epoch.Node);

    static string Began(Gap gap, Epoch epoch, LedgerText text) => text.Process(
        epoch.Node.Id == gap.Before?.Node.Id ? "Begin.Again" : epoch.Node.StartedAt.ToMicros() < gap.From ? "Begin.Active" : "Begin.Started",
        epoch.Node);

    string OfMark(MarkKind kind, string name, NotRun item, LedgerText text)
    {
        foreach (var mark in part.Marks)
        {
            if (mark.Kind == kind && mark.From.ToMicros() <= item.Last && mark.To.ToMicros() >= item.First)
                return text.Say(name, text.Time(mark.From), text.Time(mark.To));
        }

        return text.Say($"{name}.Unknown");
    }

    /// <summary>Returns what made fire times late: a stretch without an active node, a pause, a store outage or a clock
    /// jump between the first fire time and the claim. Null if nothing is recorded.</summary>
    string? WhatMadeLate(NotRun item, LedgerText text, Run? into)
    {
        var claimed = into?.ClaimedAt?.ToMicros() ?? item.Last + 1;
        if (times.Within(item.First, claimed).FirstOrDefault(gap => gap.After is not null) is { } gap) return OfGap(gap, text);
        foreach (var pause in part.Pauses)
        {
            var isOfJob = pause.Scope == PauseScope.All || (pause.Scope == PauseScope.Job && pause.Name == item.Job.Job.Value);
            if (isOfJob && pause.Pause.At.ToMicros() < claimed && !(pause.Ended?.ToMicros() <= item.First)) return OfPause(pause, text);
        }

        foreach (var mark in part.Marks)
        {
            if (mark.From.ToMicros() >= claimed || mark.To.ToMicros() <= item.First) continue;
            return text.Say(mark.Kind == MarkKind.ClockJump ? "ClockJump" : "StoreUnavailable", text.Time(mark.From), text.Time(mark.To));
        }

        return null;
    }

    static string Grace(NotRun item, LedgerText text) => (item.Definition?.Options ?? new JobOptions()).MisfireGrace is { Limit: { } limit }
        ? LedgerText.Span(limit)
        : text.Say("Grace.UntilNext");

    NodeName? Node(string? id) => times.Epochs.LastOrDefault(epoch => epoch.Node.Id == id)?.Node;

    /// <summary>Returns the activations that touch a span, oldest first.</summary>
    public IReadOnlyList<NodeActivation> Activations(long from, long to, LedgerText text) =>
    [
        .. times.Epochs.Where(epoch => epoch.Begun.ToMicros() < to && ActiveTimes.End(epoch) >= from).Select(epoch => Of(epoch, text)),
    ];

    NodeActivation Of(Epoch epoch, LedgerText text)
    {
        var gap = times.EndedBy(epoch);
        TimeSpan? without = gap is null ? TimeSpan.Zero : gap.Before is null ? null : epoch.Begun - Instant.FromMicros(gap.From);
        var sentence = epoch is { Ended: { } ended, How: { } how }
            ? text.Say("Activation.From", epoch.Node.Pid, epoch.Node.Host, text.Time(epoch.Begun), text.Time(ended), text.Say(LedgerText.Known("How", how)))
            : text.Say("Activation.Since", epoch.Node.Pid, epoch.Node.Host, text.Time(epoch.Begun));
        return new()
        {
            Epoch = epoch.Number,
            Node = epoch.Node,
            Begun = epoch.Begun,
            Ended = epoch.Ended,
            How = epoch.How,
            EndedBy = epoch.EndedBy,
            Gap = without,
            Sentence = without > TimeSpan.Zero ? sentence + text.Say("Activation.Gap", LedgerText.Span(without.Value)) : sentence,
        };
    }

    /// <summary>Returns a contradiction as a sentence.</summary>
    public static Imbalance Of(Fault fault, LedgerText text) => new()
    {
        Job = fault.Job?.Job,
        FireTime = fault.Job?.Stored.Job.Trigger?.Zone.ToZone(Instant.FromMicros(fault.At)) ?? Instant.FromMicros(fault.At),
        Sentence = text.Say($"Fault.{fault.Kind}", text.Time(fault.At),
            fault.Epoch?.Node.Pid.ToString(CultureInfo.InvariantCulture) ?? fault.Text ?? "",
            fault.Epoch?.Node.Host ?? "", fault.Until is { } until ? text.Time(until) : ""),
    };
}
