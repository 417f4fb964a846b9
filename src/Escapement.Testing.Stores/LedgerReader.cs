using System.Globalization;
using System.Text;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Testing.Stores;

/// <summary>The layer of the ledger that records the fate of a fire time.</summary>
public enum LedgerLayer
{
    /// <summary>
    /// No layer covers the fire time although the job's watermark has passed, so the ledger is wrong.
    /// </summary>
    Uncovered,

    /// <summary>A run with the key of the fire time.</summary>
    Run,

    /// <summary>An entry of a claim.</summary>
    Entry,

    /// <summary>An action that moved the watermark forward over the fire time.</summary>
    Action,

    /// <summary>No definition of the job accounts for the instant, so the instant was no fire time.</summary>
    Definition,

    /// <summary>The watermark has not passed the fire time.</summary>
    Due,
}

/// <summary>The fate of a fire time, and the row that records the fate.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Run">The run, for <see cref="LedgerLayer.Run"/>.</param>
/// <param name="Entry">The entry, for <see cref="LedgerLayer.Entry"/>.</param>
/// <param name="Action">The action, for <see cref="LedgerLayer.Action"/>.</param>
public sealed record FireTimeFate(LedgerLayer Layer, Run? Run = null, Entry? Entry = null, JobAction? Action = null)
{
    /// <summary>Returns the fate in one word.</summary>
    public override string ToString() => this switch
    {
        { Run: { State: RunState.Ended, Outcome: Outcome.Succeeded } } => "ran",
        { Run: { State: RunState.Ended } run } => $"{run.Outcome}",
        { Run: { } run } => run.State == RunState.Waiting ? "waiting" : "running",
        { Entry: { } entry } => $"{entry.Reason}",
        { Action: { } action } => $"{action.Kind}",
        _ => Layer == LedgerLayer.Due ? "due" : $"{Layer}",
    };
}

/// <summary>Reads the layers of the ledger. The contract judges the contents of a store by this reference.</summary>
/// <remarks>
/// The first layer that knows the fire time decides. The layers are read in this order: the runs, the entries and
/// actions for instants before the watermark, and the definitions. Entries and actions are read as one log, and the
/// newest row that covers the fire time counts. An action that moved the watermark forward covers the fire times from
/// the old watermark to the new watermark. An action that moved the watermark back reopens all fire times from the new
/// watermark on, so older entries and actions do not cover them.
/// </remarks>
/// <param name="part">A part of the ledger without bounds.</param>
public sealed class LedgerReader(LedgerPart part)
{
    /// <summary>The maximum number of fire times of one job that are read individually.</summary>
    public const int MaxFireTimes = 10_000;

    /// <summary>Returns the fate of an instant for a job.</summary>
    public FireTimeFate FateOf(JobId job, DateTimeOffset fireTime)
    {
        if (part.Runs.FirstOrDefault(run => run.Job == job && run.Id.Number == 0 && run.FireTime == fireTime) is { } run)
            return new(LedgerLayer.Run, Run: run);
        if (!FireTimes(job, fireTime, fireTime.AddMicroseconds(1)).Any()) return new(LedgerLayer.Definition);
        return IsDue(job, fireTime) ? new(LedgerLayer.Due) : Logged(job, fireTime) ?? new(LedgerLayer.Uncovered);
    }

    /// <summary>
    /// Returns the instants for which the definitions of a job account,
    /// and the watermarks that were set by hand, oldest first.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="from">The inclusive lower bound.</param>
    /// <param name="to">The exclusive upper bound.</param>
    public IEnumerable<DateTimeOffset> FireTimes(JobId job, DateTimeOffset from, DateTimeOffset to)
    {
        SortedSet<DateTimeOffset> found = [];
        foreach (var span in part.Definitions.Where(span => span.Job.Id == job))
        {
            var (first, end) = (span.From > from ? span.From : from, span.To < to ? span.To.Value : to);
            if (span.Job.Trigger is { } trigger) found.UnionWith(Between(trigger, first, end));
        }

        found.UnionWith(GivenByHand(job).Where(at => at >= from && at < to));
        return found;
    }

    /// <summary>
    /// Returns the fate of each fire time of a job up to and including its watermark.
    /// Neighbors with the same fate are merged.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="start">The instant from which the seconds are counted.</param>
    public string Story(JobId job, DateTimeOffset start)
    {
        var to = part.Jobs.Single(stored => stored.Job.Id == job).Next?.AddMicroseconds(1) ?? DateTimeOffset.MaxValue;
        List<(double First, double Last, string Fate)> story = [];
        foreach (var at in FireTimes(job, DateTimeOffset.MinValue, to))
        {
            var (second, fate) = ((at - start).TotalSeconds, FateOf(job, at).ToString());
            if (story is [.., var before] && before.Fate == fate) story[^1] = before with { Last = second };
            else story.Add((second, second, fate));
        }

        var text = new StringBuilder();
        foreach (var (first, last, fate) in story)
        {
            if (text.Length > 0) text.Append(", ");
            text.Append(CultureInfo.InvariantCulture, $"{first}");
            if (last > first) text.Append(CultureInfo.InvariantCulture, $"-{last}");
            text.Append(' ').Append(fate);
        }

        return text.ToString();
    }

    /// <summary>
    /// Returns the watermarks that actions set, except watermarks
    /// that were moved back or whose definition ended beforehand.
    /// </summary>
    IEnumerable<DateTimeOffset> GivenByHand(JobId job)
    {
        List<JobAction> actions = [.. part.Actions.Where(action => action.Job == job)];
        for (var i = 0; i < actions.Count; i++)
        {
            if (actions[i].To is not { } at) continue;
            var movedBack = i + 1 < actions.Count && actions[i + 1].From == at && actions[i + 1].To < at;
            var definition = part.Definitions.LastOrDefault(span => span.Job.Id == job && span.Version <= actions[i].Version);

            // A definition that was replaced or removed before its first fire time is not recorded.
            var accounts = definition is null ? part.Definitions.FirstOrDefault(span => span.Job.Id == job)?.From <= at : !(at >= definition.To);
            if (!movedBack && accounts) yield return at;
        }
    }

    /// <summary>
    /// Returns the fate according to the newest row of the log that covers the fire time, or null if no row does.
    /// </summary>
    FireTimeFate? Logged(JobId job, DateTimeOffset fireTime)
    {
        var (found, newest) = (default(FireTimeFate?), -1L);
        foreach (var entry in part.Entries)
        {
            if (entry.Job == job && entry.First <= fireTime && fireTime <= entry.Last && entry.Change > newest)
                (found, newest) = (new(LedgerLayer.Entry, Entry: entry), entry.Change);
        }

        foreach (var action in part.Actions)
        {
            if (action.Job == job && action.Change > newest && Says(action, fireTime) is { } covers)
                (found, newest) = (covers ? new(LedgerLayer.Action, Action: action) : null, action.Change);
        }

        return found;
    }

    /// <summary>
    /// Returns true if an action covers a fire time, false if the action reopens the fire time, and null otherwise.
    /// </summary>
    static bool? Says(JobAction action, DateTimeOffset fireTime)
    {
        var (from, to) = (action.From ?? DateTimeOffset.MaxValue, action.To ?? DateTimeOffset.MaxValue);
        if (from < to) return fireTime >= from && fireTime < to ? true : null;
        return to < from && fireTime >= to ? false : null;
    }

    bool IsDue(JobId job, DateTimeOffset fireTime) => part.Jobs.Any(stored => stored.Job.Id == job && stored.Next <= fireTime);

    static IEnumerable<DateTimeOffset> Between(Trigger trigger, DateTimeOffset from, DateTimeOffset to)
    {
        var budget = 0;
        for (var at = trigger.Next(from); at < to; at = trigger.Next(at.Value.AddMicroseconds(1)))
        {
            if (++budget > MaxFireTimes)
            {
                throw new InvalidOperationException(
                    $"Between {from:u} and {to:u} are more than {MaxFireTimes} fire times: read a shorter span.");
            }

            yield return at.Value;
        }
    }
}
