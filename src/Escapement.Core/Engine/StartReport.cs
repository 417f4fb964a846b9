using System.Globalization;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Engine;

/// <summary>Logs the stored jobs once, when the process becomes active: the jobs that run next, and the jobs whose
/// handler the program lacks.</summary>
/// <param name="context">The context of the node.</param>
/// <param name="handlers">The names of the program's handlers.</param>
sealed class StartReport(NodeContext context, IReadOnlySet<string> handlers)
{
    const int MaxNext = 3, MaxUnknown = 10;

    bool isTold;

    /// <summary>Logs the lines, unless the lines were logged before.</summary>
    public void Tell(IReadOnlyCollection<StoredJob> jobs)
    {
        if (isTold) return;
        isTold = true;
        TellUnknownHandlers([.. jobs.Where(job => job.Ended is null && job.Job.Error is null && !handlers.Contains(job.Job.Handler))]);
        TellNext([.. jobs.Where(job => job.ShownNext is not null && handlers.Contains(job.Job.Handler))]);
    }

    void TellUnknownHandlers(List<StoredJob> jobs)
    {
        if (jobs.Count > 0) Log.UnknownHandlers(context.Log, Names.Bounded([.. jobs.Take(MaxUnknown).Select(Unknown)], jobs.Count));
    }

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
