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
        return Why.Of(await ReadAsync(store, job, Span(store, from, to), cancellationToken), job, language);
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
        return Audit.Of(await ReadAsync(store, null, Span(store, from, to), cancellationToken), language);
    }

    /// <summary>Returns a page of the fire times that did not run.</summary>
    /// <param name="store">The store.</param>
    /// <param name="query">The fire times to return.</param>
    /// <param name="language">The language of the sentences.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <exception cref="ArgumentOutOfRangeException">The span does not begin before it ends.</exception>
    /// <exception cref="SpanTooLongException">The fire times of a composed trigger cannot be counted within the
    /// limit.</exception>
    /// <exception cref="JobNotFoundException">The store has no such job.</exception>
    /// <exception cref="FormatException"><see cref="EntryQuery.Before"/> is not a cursor.</exception>
    public static async Task<EntryPage> EntriesAsync(this IJobStore store, EntryQuery query, Language language,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(query);
        var (begin, end) = Span(store, query.From, query.To);
        EntryPlace? place = query.Before is { } before ? EntryPlace.Parse(before) : null;
        DateTimeOffset? lookedTo = null;
        while (true)
        {
            var reading = await ReadAsync(store, query.Job, (begin, end), cancellationToken);
            if (query.Job is { } job && reading.Jobs is []) throw new JobNotFoundException(job);
            if (OldestKnown(reading) is not { } oldest || oldest <= begin || oldest >= end)
                return Page(reading, query, place, language, lookedTo);

            // A stretch that began earlier is incomplete, so the span is read again from the oldest known run on.
            (begin, lookedTo) = (oldest, oldest);
        }
    }

    /// <summary>Returns the instant after the oldest missed run that was read, or null if all were read.</summary>
    static DateTimeOffset? OldestKnown(LedgerReading reading)
    {
        if (!reading.Jobs.Any(job => job.IsCut)) return null;
        List<DateTimeOffset> ended = [.. reading.Part.Runs.Where(run => run.State == RunState.Ended).Select(run => run.FireTime)];
        return ended.Count >= LedgerQuery.MaxTroubled ? ended.Min().JustAfter() : null;
    }

    static EntryPage Page(LedgerReading reading, EntryQuery query, EntryPlace? place, Language language, DateTimeOffset? lookedTo)
    {
        List<(JobReading Reading, NotRun Item)> found =
        [
            .. reading.Jobs.SelectMany(job => job.Items.Where(query.Matches)
                    .Where(item => place?.IsBefore(item) != false).Select(item => (job, item)))
                .OrderByDescending(one => one.item.First).ThenByDescending(one => one.item.Job.Job).Take(query.Limit + 1),
        ];
        var hasNext = found.Count > query.Limit;
        if (hasNext) found.RemoveAt(query.Limit);
        return new()
        {
            Items = [.. found.Select(one => reading.Of(one.Item, reading.TextFor(one.Reading, language)))],
            Next = hasNext ? new EntryPlace(found[^1].Item.First, found[^1].Item.Job.Job).ToString() : null,
            LookedTo = lookedTo,
        };
    }

    /// <summary>Returns the activations that touch a span, oldest first, without counting fire times.</summary>
    /// <param name="store">The store.</param>
    /// <param name="from">The inclusive beginning, or null for <see cref="DefaultSpan"/> before the end.</param>
    /// <param name="to">The exclusive end, or null for now.</param>
    /// <param name="language">The language of the sentences.</param>
    /// <param name="zone">The zone of the instants in sentences.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    /// <returns>The newest <see cref="AuditReport.MaxRows"/> activations, and true if there are more.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The span does not begin before it ends.</exception>
    public static async Task<(IReadOnlyList<NodeActivation> Activations, bool IsCut)> ActivationsAsync(this IJobStore store,
        DateTimeOffset? from, DateTimeOffset? to, Language language, ZoneClock zone, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(zone);
        var (begin, end) = Span(store, from, to);
        var part = await store.LedgerAsync(new() { From = begin, To = end, Runs = false }, cancellationToken);
        var last = end < part.At ? end : part.At;
        var activations = new LedgerSentences(part, new(part.Epochs, part.At)).Activations(begin.ToMicros(),
            last.ToMicros() + (last == end ? 0 : 1), AuditReport.MaxRows, new(language, zone, last), out var isCut);
        return (activations, isCut);
    }

    static async Task<LedgerReading> ReadAsync(IJobStore store, JobId? job, (DateTimeOffset From, DateTimeOffset To) span,
        CancellationToken cancellationToken)
    {
        LedgerReading reading = new(job, span.From, span.To, cancellationToken);
        reading.Judge(await store.LedgerAsync(reading.Query, cancellationToken));
        return reading;
    }

    /// <summary>Returns a time span, by default the <see cref="DefaultSpan"/> before its end, which is now by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The span does not begin before it ends.</exception>
    internal static (DateTimeOffset From, DateTimeOffset To) Span(IJobStore store, DateTimeOffset? from, DateTimeOffset? to)
    {
        var end = to ?? store.Clock.GetUtcNow();
        var begin = from ?? end.Minus(DefaultSpan);
        return begin < end ? (begin, end) : throw new ArgumentOutOfRangeException(nameof(from), from,
            $"The span begins at {begin:u} and ends at {end:u}. A span must begin before it ends.");
    }
}
