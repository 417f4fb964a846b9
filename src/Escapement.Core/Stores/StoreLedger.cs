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
    /// <exception cref="ArgumentOutOfRangeException">The span does not begin before it ends.</exception>
    /// <exception cref="SpanTooLongException">The fire times of a composed trigger cannot be counted within the
    /// limit.</exception>
    /// <exception cref="JobNotFoundException">The store has no such job.</exception>
    public static async Task<WhyReport> WhyAsync(this IJobStore store, JobId job, DateTimeOffset? from, DateTimeOffset? to,
        Language language, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        var (begin, end) = Span(store, from, to);
        LedgerReading reading = new(job, begin, end);
        reading.Judge(await store.LedgerAsync(reading.Query, cancellationToken));
        return Why.Of(reading, job, language);
    }

    /// <summary>Returns the account of all jobs.</summary>
    /// <param name="store">The store.</param>
    /// <param name="from">The inclusive beginning, or null for <see cref="DefaultSpan"/> before the end.</param>
    /// <param name="to">The exclusive end, or null for now.</param>
    /// <param name="language">The language of the sentences.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <exception cref="ArgumentOutOfRangeException">The span does not begin before it ends.</exception>
    /// <exception cref="SpanTooLongException">The fire times of a composed trigger cannot be counted within the
    /// limit.</exception>
    public static async Task<AuditReport> AuditAsync(this IJobStore store, DateTimeOffset? from, DateTimeOffset? to, Language language,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        var (begin, end) = Span(store, from, to);
        LedgerReading reading = new(null, begin, end);
        reading.Judge(await store.LedgerAsync(reading.Query, cancellationToken));
        return Audit.Of(reading, language);
    }

    static (DateTimeOffset From, DateTimeOffset To) Span(IJobStore store, DateTimeOffset? from, DateTimeOffset? to)
    {
        var end = to ?? store.Clock.GetUtcNow();
        var begin = from ?? end.Minus(DefaultSpan);
        return begin < end ? (begin, end) : throw new ArgumentOutOfRangeException(nameof(from), from,
            $"The span begins at {begin:u} and ends at {end:u}. A span must begin before it ends.");
    }
}
