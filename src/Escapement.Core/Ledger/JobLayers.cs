using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>The layers of a single job below the runs.</summary>
/// <param name="stored">The job.</param>
/// <param name="definitions">The definitions by version.</param>
/// <param name="entries">The entries.</param>
/// <param name="actions">The actions by number.</param>
sealed class JobLayers(
    StoredJob stored, IReadOnlyList<DefinitionSpan> definitions, IReadOnlyList<Entry> entries, IReadOnlyList<JobAction> actions)
{
    public StoredJob Stored => stored;

    /// <summary>The definitions by version.</summary>
    public IReadOnlyList<DefinitionSpan> Definitions => definitions;

    public IReadOnlyList<Entry> Entries => entries;

    /// <summary>The actions by number.</summary>
    public IReadOnlyList<JobAction> Actions => actions;

    /// <summary>Returns the layers of each job of a part of the ledger, by id.</summary>
    public static IReadOnlyList<JobLayers> Of(LedgerPart part)
    {
        var definitions = part.Definitions.ToLookup(span => span.Job.Id);
        var entries = part.Entries.ToLookup(entry => entry.Job);
        var actions = part.Actions.Where(action => action.Job is not null).ToLookup(action => action.Job!.Value);
        return
        [
            .. part.Jobs.OrderBy(stored => stored.Job.Id).Select(stored => new JobLayers(stored,
                [.. definitions[stored.Job.Id].OrderBy(span => span.Version)], [.. entries[stored.Job.Id]], [.. actions[stored.Job.Id]])),
        ];
    }

    /// <summary>The job.</summary>
    public JobId Job => Stored.Job.Id;

    /// <summary>Returns the watermarks set by actions that account for a fire time, although the trigger may not yield
    /// the instant: not watermarks that were moved back, or whose definition ended beforehand.</summary>
    public IEnumerable<long> Watermarks()
    {
        for (var i = 0; i < Actions.Count; i++)
        {
            if (Actions[i].To is not { } at || IsMovedBack(i)) continue;
            var definition = Definitions.LastOrDefault(span => span.Version <= Actions[i].Version);
            if (!(at >= definition?.To)) yield return at.ToMicros();
        }
    }

    /// <summary>Returns true if a later action moved the watermark back before a claim reached the watermark.</summary>
    bool IsMovedBack(int place)
    {
        var at = Actions[place].To;
        for (var i = place + 1; i < Actions.Count && Actions[i].From == at; i++)
            if (Actions[i].To != at) return Actions[i].To < at;
        return false;
    }
}
