using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Stores;

/// <summary>Answers questions about the ledger of a store.</summary>
public static class StoreLedger
{
    /// <summary>The time span of a query without a beginning.</summary>
    public static readonly TimeSpan DefaultSpan = TimeSpan.FromHours(24);

    /// <summary>Returns why fire times of a job did not run.</summary>
    /// <param name="store">The store.</param>
    /// <param name="job">The job, which may have ended.</param>
    /// <param name="from">The inclusive beginning, or null for <see cref="DefaultSpan"/> before the end.</param>
    /// <param name="to">The exclusive end, or null for now.</param>
    /// <param name="language">The language of the sentences.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <exception cref="ArgumentOutOfRangeException">The span ends before it begins.</exception>
    /// <exception cref="JobNotFoundException">The store has no such job.</exception>
    public static async Task<WhyReport> WhyAsync(this IJobStore store, JobId job, DateTimeOffset? from, DateTimeOffset? to,
        Language language, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        var (begin, end) = Span(store, from, to);
        var part = await store.LedgerAsync(new() { Job = job, From = begin, To = end }, cancellationToken);
        return Why.Of(part, job, begin, end, language);
    }

    /// <summary>Returns the account of all jobs.</summary>
    /// <param name="store">The store.</param>
    /// <param name="from">The inclusive beginning, or null for <see cref="DefaultSpan"/> before the end.</param>
    /// <param name="to">The exclusive end, or null for now.</param>
    /// <param name="language">The language of the sentences.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <exception cref="ArgumentOutOfRangeException">The span ends before it begins.</exception>
    public static async Task<AuditReport> AuditAsync(this IJobStore store, DateTimeOffset? from, DateTimeOffset? to, Language language,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        var (begin, end) = Span(store, from, to);
        var part = await store.LedgerAsync(new() { From = begin, To = end }, cancellationToken);
        return Audit.Of(part, begin, end, language);
    }

    static (DateTimeOffset From, DateTimeOffset To) Span(IJobStore store, DateTimeOffset? from, DateTimeOffset? to)
    {
        var end = to ?? store.Clock.GetUtcNow();
        var begin = from ?? end.Minus(DefaultSpan);
        return begin < end ? (begin, end) : throw new ArgumentOutOfRangeException(nameof(from), from,
            $"The span begins at {begin:u} and ends at {end:u}. A span must begin before it ends.");
    }
}
