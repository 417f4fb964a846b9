using Escapement.Triggers;

namespace Escapement.Cli.Scheduling;

/// <summary>A time span as given on the command line, and the language of sentences.</summary>
/// <param name="From">The beginning as text, or null for 24 hours before the end.</param>
/// <param name="To">The end as text, or null for now.</param>
/// <param name="Language">The language.</param>
sealed record SpanRequest(string? From, string? To, Language Language)
{
    /// <summary>The present, in English.</summary>
    public static SpanRequest Now { get; } = new(null, null, Language.English);
}

/// <summary>The scope of a pause.</summary>
/// <param name="Kind"><c>job</c>, <c>tag</c>, <c>executor</c> or <c>all</c>.</param>
/// <param name="Name">The id of the job, the tag, or the name of the executor. Null for everything.</param>
sealed record PauseTarget(string Kind, string? Name);

/// <summary>The author of a change and the details of a pause, each null if not given.</summary>
/// <param name="By">The person.</param>
/// <param name="Why">The purpose.</param>
/// <param name="Until">The end of the pause as text.</param>
sealed record NoteRequest(string? By, string? Why, string? Until);

/// <summary>Filters for runs as given on the command line, each null if not given.</summary>
sealed record RunsRequest
{
    public string? Job { get; init; }

    public string? Outcome { get; init; }

    public string? Reason { get; init; }

    public string? Cause { get; init; }

    public string? Node { get; init; }

    public string? Tag { get; init; }

    public string? Since { get; init; }

    public string? Until { get; init; }

    public int Limit { get; init; } = 100;

    /// <summary>The filters with the names of REST, without the limit.</summary>
    public IReadOnlyList<(string Name, string? Value)> Filters =>
    [
        ("job_id", Job), ("outcome", Outcome), ("reason", Reason), ("cause", Cause), ("node", Node), ("tag", Tag), ("since", Since),
        ("until", Until),
    ];
}

/// <summary>Filters for recorded changes as given on the command line, each null if not given.</summary>
/// <param name="Job">The job.</param>
/// <param name="Since">The beginning as text.</param>
/// <param name="Until">The end as text.</param>
/// <param name="Limit">The maximum number.</param>
sealed record ActionsRequest(string? Job, string? Since = null, string? Until = null, int Limit = 100);

/// <summary>A run to be asked for.</summary>
/// <param name="Job">The job.</param>
/// <param name="Args">The positional arguments as a JSON array, or null.</param>
/// <param name="Kwargs">The named arguments as a JSON object, or null.</param>
/// <param name="Key">The key, or null.</param>
/// <param name="At">The earliest start as text, or null for now.</param>
/// <param name="Note">The author and the purpose.</param>
sealed record RunNowRequest(string Job, string? Args, string? Kwargs, string? Key, string? At, NoteRequest Note);

/// <summary>Missed fire times to be made up.</summary>
/// <param name="Job">The job.</param>
/// <param name="From">The beginning as text.</param>
/// <param name="To">The end as text, or null for now.</param>
/// <param name="Reasons">The reasons, separated by commas, or null for all missed fire times.</param>
/// <param name="IsDryRun">True to name the fire times and to change nothing.</param>
/// <param name="Note">The author and the purpose.</param>
sealed record BackfillRequest(string Job, string From, string? To, string? Reasons, bool IsDryRun, NoteRequest Note);
