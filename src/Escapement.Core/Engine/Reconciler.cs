using System.Security.Cryptography;
using System.Text;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Engine;

/// <summary>Brings the stored jobs in line with those that the program and its settings declare; run by the node that becomes active.</summary>
/// <remarks>While versions of the program differ, the definition of the newest activation holds. Unchanged jobs cost one read.</remarks>
sealed class Reconciler(NodeParts parts, Func<DateTimeOffset, Declarations> declared)
{
    Declarations? known;

    /// <summary>The ids that this program declares.</summary>
    public IReadOnlyList<string> Ids() => [.. Known.Jobs.Select(job => job.Id.Value)];

    // What was written, and so the hash, is the same whenever it is asked; only what is filled in depends on the moment.
    Declarations Known => known ??= declared(parts.Clock.GetUtcNow());

    /// <summary>A hash over all that the program and its settings declare.</summary>
    public string Hash => hash ??= Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n',
        Known.Jobs.Select(job => $"{job.Id} {job.DeclaredHash} {Known.SwitchedOff.ContainsKey(job.Id)}")
            .Concat(Known.ExcludedDates.Values.Select(set => $"{set.Name}: {string.Join(", ", set.Days)}")).Order(StringComparer.Ordinal)))));

    string? hash;

    /// <summary>Adds, changes and retires what differs, in one transaction.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        if (await EditsAsync(Known, stop) is not { Edits.Count: 0 })
        {
            var (edits, added, changed, retired) = await EditsAsync(declared(parts.Clock.GetUtcNow()), stop);
            await parts.Store.ChangeAsync(edits, stop);
            Log.Reconciled(parts.Log, added, changed, retired, Known.Jobs.Count - added - changed);
        }
        await parts.Store.ChangeStateAsync((state, _) => state.Declared == Hash ? state : state with { Declared = Hash }, stop);
    }

    async Task<(List<JobEdit> Edits, int Added, int Changed, int Retired)> EditsAsync(Declarations wanted, CancellationToken stop)
    {
        var stored = (await parts.Store.JobsAsync(null, ended: true, stop)).ToDictionary(job => job.Job.Id);
        List<JobEdit> edits = [];
        int added = 0, changed = 0, retired = 0;
        foreach (var job in wanted.Jobs)
        {
            var there = stored.GetValueOrDefault(job.Id);
            if (wanted.SwitchedOff.ContainsKey(job.Id))
            {
                if (there?.Ended == JobEnd.SwitchedOff) continue;
                edits.Add(JobEdits.SwitchOff(job));
            }
            else
            {
                if (there?.Job.DeclaredHash == job.DeclaredHash && there?.Ended is not (JobEnd.Retired or JobEnd.SwitchedOff)) continue;
                edits.Add(JobEdits.Declare(job));
                if (wanted.Starts.TryGetValue(job.Id, out var start)) edits.Add(JobEdits.Change(job.Id, same => same, start.Next, start.Paused));
            }
            _ = there is null ? added++ : changed++;
        }
        changed += FollowDates(wanted, stored.Values, edits);
        foreach (var job in await NoLongerDeclaredAsync(wanted, stored.Values, stop))
        {
            edits.Add(JobEdits.Retire(job));
            retired++;
        }
        return (edits, added, changed, retired);
    }

    /// <summary>Jobs that were added or changed at run time keep the days of the sets that their triggers name; they take those that the sets have now.</summary>
    static int FollowDates(Declarations wanted, IEnumerable<StoredJob> stored, List<JobEdit> edits)
    {
        var edited = edits.Select(edit => edit.Job).ToHashSet();
        var before = edits.Count;
        foreach (var job in stored.Where(job => job.Ended is null && !edited.Contains(job.Job.Id)))
        {
            if (job.Job.Trigger is not { } trigger || ReferenceEquals(trigger.WithDates(wanted.ExcludedDates), trigger)) continue;
            edits.Add(JobEdits.Change(job.Job.Id, now => now with { Trigger = now.Trigger?.WithDates(wanted.ExcludedDates) }));
        }
        return edits.Count - before;
    }

    /// <summary>Declared jobs that neither this program nor any living node's declares.</summary>
    async Task<IReadOnlyList<JobId>> NoLongerDeclaredAsync(Declarations wanted, IEnumerable<StoredJob> stored, CancellationToken stop)
    {
        var mine = wanted.Jobs.Select(job => job.Id).ToHashSet();
        List<JobId> gone = [.. stored.Where(job => job.Ended is null && job.Job.Origin != JobOrigin.Added && !mine.Contains(job.Job.Id)).Select(job => job.Job.Id)];
        if (gone.Count == 0) return gone;
        using var lost = new LostNodes(parts);
        var look = await parts.Store.LookAsync(stop);
        var dead = lost.Find(look, parts.Name.Id);
        var alive = look.Nodes.Where(node => node.Name.Id != parts.Name.Id && !dead.Contains(node.Name.Id)).SelectMany(node => node.Declares).ToHashSet();
        return [.. gone.Where(job => !alive.Contains(job.Value))];
    }
}
