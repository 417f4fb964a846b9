using System.Globalization;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Engine;

/// <summary>Logs the stored jobs once, when the process becomes active: the jobs that run next, the jobs whose handler
/// the program lacks, and the declared jobs that do not run.</summary>
/// <param name="context">The context of the node.</param>
/// <param name="handlers">The names of the program's handlers.</param>
sealed class StartReport(NodeContext context, IReadOnlySet<string> handlers)
{
    const int MaxNext = 3, MaxNamed = 10;

    bool isTold;

    /// <summary>Logs the lines, unless the lines were logged before.</summary>
    /// <param name="jobs">All stored jobs.</param>
    /// <param name="declared">The ids of the declared jobs.</param>
    public void Tell(IReadOnlyCollection<StoredJob> jobs, IReadOnlyCollection<string> declared)
    {
        if (isTold) return;
        isTold = true;
        TellUnknownHandlers([.. jobs.Where(job => job.Ended is null && job.Job.Error is null && !handlers.Contains(job.Job.Handler))]);
        TellEnded([.. jobs.Where(job => job.Ended is not null)], declared.ToHashSet());
        TellNext([.. jobs.Where(job => job.ShownNext is not null && handlers.Contains(job.Job.Handler))]);
    }

    void TellUnknownHandlers(List<StoredJob> jobs)
    {
        if (jobs.Count > 0) Log.UnknownHandlers(context.Log, Names.Bounded([.. jobs.Take(MaxNamed).Select(Unknown)], jobs.Count));
    }

    /// <summary>Logs the declared jobs that were removed, and the declared jobs whose fire times are over.</summary>
    void TellEnded(List<StoredJob> ended, HashSet<string> declared)
    {
        ended.RemoveAll(job => !declared.Contains(job.Job.Id.Value));
        List<StoredJob> removed = ended.FindAll(job => job.Ended == JobEnd.Removed), over = ended.FindAll(job => job.Ended == JobEnd.Exhausted);
        if (removed.Count > 0) Log.StaysRemoved(context.Log, NamesOf(removed));
        if (over.Count > 0) Log.FireTimesOver(context.Log, NamesOf(over));
    }

    static string NamesOf(List<StoredJob> jobs) => Names.Bounded([.. jobs.Take(MaxNamed).Select(job => job.Job.Id.Value)], jobs.Count);

    void TellNext(List<StoredJob> jobs)
    {
        if (jobs.Count == 0) return;
        var first = jobs.OrderBy(job => job.ShownNext).ThenBy(job => job.Job.Id.Value, StringComparer.Ordinal).Take(MaxNext);
        Log.Next(context.Log, Names.Bounded([.. first.Select(Next)], jobs.Count));
    }

    string Unknown(StoredJob stored)
    {
        var job = stored.Job;
        var nearest = Suggestion.Nearest(job.Handler, handlers, Math.Max(2, job.Handler.Length / 3));
        return $"{job.Id} (func {Printable.Shown(job.Handler)}{(nearest is null ? "" : $"; the nearest is {nearest}")})";
    }

    static string Next(StoredJob stored)
    {
        var zone = stored.Job.Trigger?.Zone ?? ZoneClock.Utc;
        var at = zone.ToZone(stored.ShownNext!.Value).ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);
        return $"{stored.Job.Id} at {at} ({zone.Name})";
    }
}
