using System.Globalization;
using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>Makes the sentences of fire times that did not run, of activations and of contradictions.</summary>
/// <param name="part">The part of the ledger.</param>
/// <param name="times">The activations.</param>
sealed class LedgerSentences(LedgerPart part, ActiveTimes times)
{
    ILookup<JobId, Run>? runs;

    /// <summary>Returns the sentence of fire times that did not run.</summary>
    /// <param name="item">The fire times.</param>
    /// <param name="text">The language and the zone.</param>
    /// <param name="into">The run into which the fire times merged, or null.</param>
    public string Of(NotRun item, LedgerText text, Run? into)
    {
        var cause = Cause(item, text, into);
        if (item is { Reason: Reason.Coalesced, Into: { } later })
        {
            var times = text.Times(item.First, item.Last, later);
            return item.Count == 1
                ? text.Say("One.Merged", times[0], times[2], cause)
                : text.Say("Many.Merged", times[0], times[1], item.Count, times[2], cause);
        }

        var (first, last) = Ends(text, item.First, item.Last);
        var kind = item.IsDecided ? item.Kind.ToString() : "Open";
        return item.Count == 1 ? text.Say($"One.{kind}", first, cause) : text.Say($"Many.{kind}", first, last, item.Count, cause);
    }

    /// <summary>Returns the cause of fire times that did not run, as a part of a sentence.</summary>
    public string Cause(NotRun item, LedgerText text, Run? into) => item switch
    {
        { Run: { } run } => OfRun(item, run, text),
        { Gap: { } gap } => OfGap(gap, text),
        { Action: { } action, Pause: null } => OfAction(action, text),
        { Pause: { } pause } => OfPause(pause, text),
        { Reason: Reason.Paused or Reason.SchedulerPaused } => OfPauseAction(item, text),
        { Reason: Reason.Coalesced } => WhatMadeLate(item, text, into) ?? (into?.ClaimedAt is { } at
            ? text.Say("Late", text.Time(at))
            : text.Say("Merged.Unknown")),
        { Reason: Reason.MisfireGraceExceeded } => WhatMadeLate(item, text, into) is { } why
            ? text.Say("MisfireGraceExceeded.Because", Grace(item, text), why)
            : text.Say("MisfireGraceExceeded", Grace(item, text)),
        _ => OfReason(item, text, into),
    };

    string OfReason(NotRun item, LedgerText text, Run? into) => item.Reason switch
    {
        Reason.MaxInstancesReached => OfBusy(item, text, into),
        Reason.HandlerNotRegistered => text.Say("HandlerNotRegistered", item.Definition?.Handler ?? ""),
        Reason.ExecutorSaturated => text.Say("ExecutorSaturated", item.Definition?.Options.Executor ?? "", Grace(item, text)),
        Reason.NotClaimed when item.Since is { } since => OfUnclaimed(item, text.Time(since), text),
        Reason.StoreUnavailable => OfMark(MarkKind.StoreOutage, "StoreUnavailable", item, text),
        Reason.ClockJump => OfMark(MarkKind.ClockJump, "ClockJump", item, text),
        Reason.NoActiveNode or Reason.ShutDown => times.Within(item.First, item.Last + 1).FirstOrDefault() is { } gap
            ? OfGap(gap, text)
            : ReasonText.Clause(item.Reason, text.Language),
        _ => ReasonText.Clause(item.Reason, text.Language),
    };

    string OfUnclaimed(NotRun item, string since, LedgerText text)
    {
        var (handler, executor) = (item.Definition?.Handler ?? "", item.Definition?.Options.Executor ?? "");
        return times.Lasting is [{ Node: var only }]
            ? text.Say("NotClaimed", since, only.Pid, only.Host, handler, executor)
            : text.Say("NotClaimed.Many", since, times.Lasting.Count, handler, executor);
    }

    /// <summary>Names a run that went on during all fire times, if the run is known.</summary>
    string OfBusy(NotRun item, LedgerText text, Run? before)
    {
        var max = item.Definition?.Options.MaxInstances ?? 1;
        runs ??= part.Runs.ToLookup(run => run.Job);
        var ofJob = runs[item.Job.Job];
        foreach (var run in before is null ? ofJob : ofJob.Append(before))
        {
            if (run.State == RunState.Waiting || (run.StartedAt ?? run.ClaimedAt) is not { } began) continue;
            if (began.ToMicros() > item.First || run.FinishedAt?.ToMicros() <= item.Last || Node(run.Node) is not { } node) continue;
            var (due, since) = text.Times(run.FireTime, began);
            return text.Say("MaxInstancesReached.Run", max, due, since, node.Pid, node.Host);
        }

        return text.Say("MaxInstancesReached", max);
    }

    string OfRun(NotRun item, Run run, LedgerText text) => run.Reason switch
    {
        Reason.Draining or Reason.Fenced or Reason.Interrupted when Node(run.Node) is { } node =>
            text.Process(run.Reason.ToString()!, node),
        Reason.Removed => text.Say("Removed.Run"),
        Reason.MisfireGraceExceeded => text.Say("MisfireGraceExceeded", Grace(item, text)),
        _ => OfReason(item, text, null),
    };

    /// <summary>Returns an action that passed over fire times, or a change, as a part of a sentence.</summary>
    public static string OfAction(JobAction action, LedgerText text)
    {
        var (by, at, why) = (text.By(action.By), text.Time(action.At), text.Note(action.Why));
        return action switch
        {
            { Kind: ActionKind.Removed } => text.Say("Removed", by, at, why),
            { Kind: ActionKind.Retired } => text.Say("Removed.Retired", at),
            { Kind: ActionKind.Added, To: { } first } when text.Times(action.At, first) is var (added, due) =>
                text.Say("Added", by, added, due, why),
            { Kind: ActionKind.SkippedNext } => text.Say(action.To is null ? "SkippedByHand.Last" : "SkippedByHand", by, at, why),
            { Kind: ActionKind.SwitchedOff } => text.Say("SwitchedOff", at),
            { Kind: ActionKind.Declared, To: { } next } when text.Times(action.At, next) is var (changed, due) =>
                text.Say("Declared", changed, due),
            { Kind: ActionKind.ClockWentBack } => text.Say("ClockJump.Unknown"),
            { Kind: ActionKind.Paused or ActionKind.Resumed } => text.Say("Paused", "", "", text.Say("Until", at), ""),
            { To: { } next } when text.Times(action.At, next) is var (changed, due) => text.Say("Changed", by, changed, due, why),
            _ => text.Say("Changed.End", by, at, why),
        };
    }

    /// <summary>Returns a pause as a part of a sentence.</summary>
    public static string OfPause(ScopedPause pause, LedgerText text)
    {
        var until = pause.Ended ?? pause.Pause.Until;
        var name = (pause.Pause.Scope ?? pause.Scope) switch
        {
            PauseScope.All => "SchedulerPaused",
            _ when pause.Pause.AfterFailures is not null => "CircuitOpen",
            PauseScope.Tag => "Paused.Tag",
            PauseScope.Executor => "Paused.Executor",
            _ => "Paused",
        };
        var (since, end) = text.Times(pause.Pause.At, until ?? pause.Pause.At);
        return text.Say(name, text.By(pause.Pause.By),
            text.Say("Since", since), until is null ? "" : text.Say("Until", end),
            text.Note(pause.Pause.Why), pause.Pause.Name ?? pause.Name);
    }

    /// <summary>Returns the sentence of a pause whose row the retention deleted, by the action that set the
    /// pause.</summary>
    string OfPauseAction(NotRun item, LedgerText text)
    {
        var action = part.Actions.FirstOrDefault(action => action.Number == item.Entry?.Cause);
        if (action is null) return text.Say(item.Reason.ToString(), "", "", "", "");
        var (since, end) = text.Times(action.At, action.Until ?? action.At);
        return text.Say(item.Reason.ToString(), text.By(action.By), text.Say("Since", since),
            action.Until is null ? "" : text.Say("Until", end), text.Note(action.Why));
    }

    /// <summary>Returns that a job has ended and why, or null for a living job.</summary>
    public static string? OfEnd(JobLayers job, LedgerText text) => job.Stored.Ended is not { } end ? null
        : text.Say("Ended", job.Actions.LastOrDefault(action => action.Kind != ActionKind.Backfilled) is { To: null } last
            && (JobLayers.Ends(last) || last.Kind == ActionKind.SkippedNext)
            ? OfAction(last, text)
            : ReasonText.Clause(end switch
            {
                JobEnd.Exhausted => Reason.TriggerExhausted,
                JobEnd.SwitchedOff => Reason.SwitchedOff,
                _ => Reason.Removed,
            }, text.Language));

    string OfGap(Gap gap, LedgerText text)
    {
        if (gap.Reason == Reason.ShutDown) return OfShutDown(gap, text);
        var (before, after) = (gap.Before is { } last ? Ended(last, text) : "", gap.After is { } next ? Began(gap, next, text) : "");
        var (from, to) = gap is { Before: not null, After: not null } ? Ends(text, gap.From, gap.To) : default;
        return (gap.Before, gap.After) switch
        {
            (null, null) => text.Say("Gap.Ever"),
            (null, _) => text.Say("Gap.Before", text.Time(gap.To), after),
            (_, null) => text.Say("Gap.Since", text.Time(gap.From), before),
            _ => text.Say("Gap", from, before, to, after),
        };
    }

    string OfShutDown(Gap gap, LedgerText text)
    {
        var action = part.Actions.LastOrDefault(action => action.Kind == ActionKind.SchedulerShutDown && action.At.ToMicros() <= gap.From);
        var (by, why) = (text.By(action?.By), text.Note(action?.Why));
        if (gap.After is null) return text.Say("ShutDown.Since", text.Time(gap.From), by, why);
        var (from, to) = Ends(text, gap.From, gap.To);
        return text.Say("ShutDown", from, to, by, why);
    }

    static string Ended(Epoch epoch, LedgerText text) => text.Process(LedgerText.Known("End", epoch.How), epoch.Node);

    static string Began(Gap gap, Epoch epoch, LedgerText text) => text.Process(
        epoch.Node.Id == gap.Before?.Node.Id ? "Begin.Again" : epoch.Node.StartedAt.ToMicros() < gap.From ? "Begin.Active" : "Begin.Started",
        epoch.Node);

    string OfMark(MarkKind kind, string name, NotRun item, LedgerText text) =>
        Mark(kind, item) is { } mark ? Of(mark, text) : text.Say($"{name}.Unknown");

    LedgerMark? Mark(MarkKind kind, NotRun item) => part.Marks.FirstOrDefault(mark =>
        mark.Kind == kind && mark.From.ToMicros() <= item.Last && mark.To.ToMicros() >= item.First);

    static string Of(LedgerMark mark, LedgerText text)
    {
        var (from, to) = text.Times(mark.From, mark.To);
        return mark.Kind == MarkKind.ClockJump
            ? text.Say("ClockJump", from, to, LedgerText.Span((mark.To - mark.From).Duration()))
            : text.Say("StoreUnavailable", from, to);
    }

    static (string First, string Last) Ends(LedgerText text, long first, long last) =>
        text.Times(Instant.FromMicros(first), Instant.FromMicros(last));

    /// <summary>Returns the record that an item's sentence names beside its gap, pause and action, or null if the sentence names
    /// none. Items with the same record have the same cause.</summary>
    public object? Source(NotRun item, Run? into) => item switch
    {
        { Run: { Reason: Reason.Draining or Reason.Fenced or Reason.Interrupted, Node: { } node } } => node,
        { Reason: Reason.Coalesced } => Delayed(item, into)?.Source,
        { Reason: Reason.MisfireGraceExceeded, Run: null } => (item.Job, Delayed(item, into)?.Source),
        { Reason: Reason.StoreUnavailable } => Mark(MarkKind.StoreOutage, item),
        { Reason: Reason.ClockJump } => Mark(MarkKind.ClockJump, item),
        { Reason: Reason.NoActiveNode or Reason.ShutDown } => times.Within(item.First, item.Last + 1).FirstOrDefault(),
        { Reason: Reason.Paused or Reason.SchedulerPaused } => item.Entry?.Cause,
        { Reason: Reason.NotClaimed } => (item.Definition?.Handler, item.Definition?.Options.Executor),
        _ => null,
    };

    /// <summary>Returns what made fire times late: a stretch without an active node, a pause, a store outage or a clock
    /// jump between the first fire time and the claim. Of several, the longest in this time. Null if nothing is
    /// recorded.</summary>
    string? WhatMadeLate(NotRun item, LedgerText text, Run? into) => Delayed(item, into)?.Say(text);

    /// <summary>Returns the reason for which fire times were late, or null if nothing is recorded.</summary>
    /// <param name="item">The fire times.</param>
    /// <param name="into">The run into which the fire times merged, or null.</param>
    public Reason? LateFor(NotRun item, Run? into) => Delayed(item, into)?.Reason;

    Delay? Delayed(NotRun item, Run? into)
    {
        var claimed = into?.ClaimedAt?.ToMicros() ?? item.Last + 1;
        return Delays(item, claimed, into)
            .Where(delay => delay.From < claimed && delay.To > item.First)
            .OrderByDescending(delay => Math.Min(delay.To, claimed) - Math.Max(delay.From, item.First))
            .FirstOrDefault();
    }

    IEnumerable<Delay> Delays(NotRun item, long claimed, Run? into)
    {
        foreach (var action in item.Job.Actions)
        {
            // The action made fire times due that lie before the action and before the earlier watermark.
            if (action.To?.ToMicros() <= item.First && !(action.From?.ToMicros() <= item.First) && action.Change < item.Entry?.Change)
            {
                yield return new(action.To!.Value.ToMicros(), action.At.ToMicros(), ReasonText.ReasonOf(action.Kind), action,
                    text => OfAction(action, text));
            }
        }

        // A process was active at the claim. If its clock was set back, its activation may begin later.
        foreach (var gap in times.Within(item.First, claimed))
        {
            if (gap.After is not null && (gap.To <= claimed || into is null))
                yield return new(gap.From, gap.To, gap.Reason, gap, text => OfGap(gap, text));
        }

        foreach (var pause in item.Job.Pauses)
        {
            var end = (pause.Ended ?? pause.Pause.Until)?.ToMicros() ?? long.MaxValue;
            var reason = pause.Scope == PauseScope.All ? Reason.SchedulerPaused : ReasonText.ReasonOf(pause.Pause);
            yield return new(pause.Pause.At.ToMicros(), end, reason, pause, text => OfPause(pause, text));
        }

        foreach (var mark in part.Marks)
        {
            var reason = mark.Kind == MarkKind.ClockJump ? Reason.ClockJump : Reason.StoreUnavailable;
            yield return new(mark.From.ToMicros(), mark.To.ToMicros(), reason, mark, text => Of(mark, text));
        }
    }

    sealed record Delay(long From, long To, Reason Reason, object Source, Func<LedgerText, string> Say);

    static string Grace(NotRun item, LedgerText text) => (item.Definition?.Options ?? new JobOptions()).MisfireGrace is { Limit: { } limit }
        ? LedgerText.Span(limit)
        : text.Say("Grace.UntilNext");

    NodeName? Node(string? id) => id is null ? null : times.Node(id);

    /// <summary>Returns the newest activations that touch a span, oldest first.</summary>
    /// <param name="from">The inclusive beginning, in microseconds since 1970-01-01 UTC.</param>
    /// <param name="to">The exclusive end, in microseconds since 1970-01-01 UTC.</param>
    /// <param name="max">The maximum number.</param>
    /// <param name="text">The language and the zone.</param>
    /// <param name="isCut">True if there are more.</param>
    public IReadOnlyList<NodeActivation> Activations(long from, long to, int max, LedgerText text, out bool isCut)
    {
        List<Epoch> found = [.. times.Epochs.Where(epoch => epoch.Begun.ToMicros() < to && ActiveTimes.End(epoch) >= from)];
        isCut = found.Count > max;
        return [.. found.TakeLast(max).Select(epoch => Of(epoch, text))];
    }

    NodeActivation Of(Epoch epoch, LedgerText text)
    {
        var gap = times.EndedBy(epoch);
        TimeSpan? without = gap is null ? TimeSpan.Zero : gap.Before is null ? null : epoch.Begun - Instant.FromMicros(gap.From);
        var (begun, end) = text.Times(epoch.Begun, epoch.Ended ?? epoch.Begun);
        var sentence = epoch is { Ended: not null, How: { } how }
            ? text.Say("Activation.From", epoch.Node.Pid, epoch.Node.Host, begun, end, text.Say(LedgerText.Known("How", how)))
            : text.Say("Activation.Since", epoch.Node.Pid, epoch.Node.Host, begun);
        return new()
        {
            Epoch = epoch.Number,
            Node = epoch.Node,
            Begun = epoch.Begun,
            Ended = epoch.Ended,
            How = epoch.How,
            EndedBy = epoch.EndedBy,
            Gap = without,
            Sentence = without > TimeSpan.Zero ? sentence + text.Say(
                gap?.Before?.How == EpochEnd.ProcessGone ? "Activation.Gap.Killed" : "Activation.Gap", LedgerText.Span(without.Value)) : sentence,
        };
    }

    /// <summary>Returns a contradiction as a sentence.</summary>
    public static Imbalance Of(Fault fault, LedgerText text)
    {
        var times = text.Times(fault.At, fault.Until ?? fault.At, fault.Last ?? fault.At);
        var sentence = text.Say($"Fault.{fault.Kind}", times[0],
            fault.Epoch?.Node.Pid.ToString(CultureInfo.InvariantCulture) ?? fault.Text ?? "",
            fault.Epoch?.Node.Host ?? fault.Allowed ?? "", fault.Until is null ? "" : times[1]);
        return new()
        {
            Job = fault.Job?.Job,
            FireTime = fault.Job?.Stored.Job.Trigger?.Zone.ToZone(Instant.FromMicros(fault.At)) ?? Instant.FromMicros(fault.At),
            Sentence = fault.More > 0 ? sentence + text.Say("Fault.More", fault.More, times[2]) : sentence,
        };
    }
}
