using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>The layers of a single job below the runs.</summary>
/// <param name="stored">The job.</param>
/// <param name="definitions">The definitions by version.</param>
/// <param name="entries">The entries.</param>
/// <param name="actions">The actions by number.</param>
/// <param name="pauses">The pauses of the job and of the whole scheduler, oldest first.</param>
sealed class JobLayers(
    StoredJob stored, IReadOnlyList<DefinitionSpan> definitions, IReadOnlyList<Entry> entries, IReadOnlyList<JobAction> actions,
    IReadOnlyList<ScopedPause> pauses)
{
    public StoredJob Stored => stored;

    /// <summary>The definitions by version.</summary>
    public IReadOnlyList<DefinitionSpan> Definitions => definitions;

    public IReadOnlyList<Entry> Entries => entries;

    /// <summary>The actions by number, without requested runs.</summary>
    public IReadOnlyList<JobAction> Actions => actions;

    /// <summary>The pauses of the job and of the whole scheduler, oldest first.</summary>
    public IReadOnlyList<ScopedPause> Pauses => pauses;

    /// <summary>Returns the layers of each job of a part of the ledger, by id.</summary>
    public static IReadOnlyList<JobLayers> Of(LedgerPart part)
    {
        var definitions = part.Definitions.ToLookup(span => span.Job.Id);
        var entries = part.Entries.ToLookup(entry => entry.Job);
        // A requested run changes no fire time, and a job may have a great many of them.
        var actions = part.Actions.Where(action => action is { Job: not null, Kind: not ActionKind.RunRequested })
            .ToLookup(action => action.Job!.Value);
        List<ScopedPause> ofAll = [.. part.Pauses.Where(pause => pause.Scope == PauseScope.All)];
        var ofJobs = part.Pauses.Where(pause => pause.Scope == PauseScope.Job).ToLookup(pause => pause.Name, StringComparer.Ordinal);
        return
        [
            .. part.Jobs.OrderBy(stored => stored.Job.Id).Select(stored => new JobLayers(stored,
                [.. definitions[stored.Job.Id].OrderBy(span => span.Version)], [.. entries[stored.Job.Id]], [.. actions[stored.Job.Id]],
                [.. ofAll.Concat(ofJobs[stored.Job.Id.Value]).OrderBy(pause => pause.Pause.At).ThenBy(pause => pause.Pause.Action)])),
        ];
    }

    /// <summary>The job.</summary>
    public JobId Job => Stored.Job.Id;

    /// <summary>Returns true if the job existed at an instant, as far as the actions tell.</summary>
    public bool ExistedAt(long instant)
    {
        JobAction? last = null;
        foreach (var action in Actions)
            if (action.At.ToMicros() <= instant) last = action;
        return last is null ? Actions is not [{ Version: 1 }, ..] : !Ends(last);
    }

    /// <summary>Returns the instants from which the job existed or did not exist, in microseconds since 1970-01-01
    /// UTC.</summary>
    public IEnumerable<long> Existence()
    {
        for (var i = 0; i < Actions.Count; i++)
            if (Ends(Actions[i]) || (i == 0 ? Actions[0].Version == 1 : Ends(Actions[i - 1]))) yield return Actions[i].At.ToMicros();
    }

    /// <summary>Returns true if an action removed the job, or switched the job off.</summary>
    public static bool Ends(JobAction action) => action.Kind is ActionKind.Removed or ActionKind.Retired or ActionKind.SwitchedOff;

    /// <summary>Returns the watermarks set by actions that account for a fire time, although the trigger may not yield
    /// the instant: not watermarks that were moved back, or whose definition ended beforehand.</summary>
    public IEnumerable<long> Watermarks()
    {
        var areMovedBack = AreMovedBack();
        var found = -1;
        for (var i = 0; i < Actions.Count; i++)
        {
            while (found + 1 < Definitions.Count && Definitions[found + 1].Version <= Actions[i].Version) found++;
            if (Actions[i].To is not { } at || areMovedBack[i]) continue;

            // A definition that was replaced or removed before its first fire time is not recorded.
            if (found < 0 ? Definitions is [var first, ..] && at >= first.From : !(at >= Definitions[found].To)) yield return at.ToMicros();
        }
    }

    /// <summary>Returns for each action whether a later action moved the job back to its watermark or before, and so opened the
    /// fire times from there on anew.</summary>
    bool[] AreMovedBack()
    {
        var are = new bool[Actions.Count];
        DateTimeOffset? opened = null;
        for (var i = Actions.Count - 1; i >= 0; i--)
        {
            var (from, to) = (Actions[i].From, Actions[i].To);
            are[i] = opened <= to;
            if (to < from && !(opened <= to)) opened = to;
        }

        return are;
    }
}
