using System.Globalization;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Stores;

/// <summary>A query for fire times that did not run, newest first. A stretch of fire times must meet all given conditions.</summary>
public sealed class EntryQuery
{
    /// <summary>The maximum number of stretches on a page.</summary>
    public const int MaxLimit = 1_000;

    /// <summary>Only this job, or null for all jobs.</summary>
    public JobId? Job { get; init; }

    /// <summary>The inclusive beginning of the fire times, or null for <see cref="StoreLedger.DefaultSpan"/> before the end.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The exclusive end of the fire times, or null for now.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Only these reasons, or null for any.</summary>
    public IReadOnlySet<Reason>? Reasons { get; init; }

    /// <summary>Only these kinds, or null for both.</summary>
    public IReadOnlySet<ItemKind>? Kinds { get; init; }

    /// <summary>The cursor of the previous page, <see cref="EntryPage.Next"/>, or null for the first page.</summary>
    public string? Before { get; init; }

    /// <summary>The maximum number of stretches on the page: 1 to <see cref="MaxLimit"/>, by default 100.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of its range.</exception>
    public int Limit
    {
        get;
        init => field = value is >= 1 and <= MaxLimit ? value : throw new ArgumentOutOfRangeException(nameof(value), value,
            $"The limit of a page of entries is {value}; 1 to {MaxLimit} are allowed.");
    } = 100;

    /// <summary>Returns true if fire times meet the conditions, without the place.</summary>
    internal bool Matches(NotRun item) => Reasons?.Contains(item.Reason) != false && Kinds?.Contains(item.Kind) != false;
}

/// <summary>A page of fire times that did not run.</summary>
public sealed class EntryPage
{
    /// <summary>The stretches, newest first.</summary>
    public required IReadOnlyList<LedgerItem> Items { get; init; }

    /// <summary>The cursor of the next page, or null if no further stretch down to <see cref="LookedTo"/> matches.</summary>
    public required string? Next { get; init; }

    /// <summary>The instant down to which the records were compared with the query. Null if the search reached the beginning of
    /// the span. A query that ends at this instant continues the search.</summary>
    public required DateTimeOffset? LookedTo { get; init; }
}

/// <summary>A place in a list of stretches: the first fire time of a stretch, and its job.</summary>
/// <param name="First">The first fire time, in microseconds since 1970-01-01 UTC.</param>
/// <param name="Job">The job.</param>
readonly record struct EntryPlace(long First, JobId Job)
{
    /// <summary>Returns the place as text, such as <c>1800000000000000-report</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First}-{Job}");

    /// <summary>Reads the form of <see cref="ToString"/>.</summary>
    /// <exception cref="FormatException">The text is not a place.</exception>
    public static EntryPlace Parse(string text)
    {
        // A fire time before 1970 begins with a minus sign.
        var end = text.Length > 1 ? text.IndexOf('-', 1) : -1;
        return end > 0 && long.TryParse(text.AsSpan(0, end), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var first)
            ? new(first, JobId.Parse(text[(end + 1)..]))
            : throw new FormatException(
                $"before is '{Printable.Shown(text)}'; the place of an entry is allowed, as the page before names it.");
    }

    /// <summary>Returns true if the place comes before a stretch: newest first, and for equal fire times by descending id.</summary>
    public bool IsBefore(NotRun item) => item.First < First || (item.First == First && item.Job.Job.CompareTo(Job) < 0);
}
