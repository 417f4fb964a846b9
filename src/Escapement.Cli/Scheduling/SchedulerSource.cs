using System.Text.Json;

namespace Escapement.Cli.Scheduling;

/// <summary>A scheduler as the commands see it: over its REST API, or over the file of its store. Both give the same
/// JSON.</summary>
abstract class SchedulerSource : IAsyncDisposable
{
    /// <summary>The address or the file, for messages.</summary>
    public abstract string Name { get; }

    /// <summary>Returns the jobs as an array.</summary>
    public abstract Task<JsonElement> JobsAsync(CancellationToken cancellationToken);

    /// <summary>Returns the newest matching runs as an array. <c>More</c> is a sentence if there may be further runs.</summary>
    public abstract Task<(JsonElement Runs, string? More)> RunsAsync(RunsRequest request, CancellationToken cancellationToken);

    /// <summary>Returns a run as an object, or null if there is no such run.</summary>
    public abstract Task<JsonElement?> FindRunAsync(string id, CancellationToken cancellationToken);

    /// <summary>Returns the living processes as an array.</summary>
    public abstract Task<JsonElement> NodesAsync(CancellationToken cancellationToken);

    /// <summary>Returns the newest activations that touch a span as an array, and true if there are earlier ones.</summary>
    public abstract Task<(JsonElement Activations, bool IsCut)> HistoryAsync(SpanRequest span, CancellationToken cancellationToken);

    /// <summary>Returns true if a process takes due runs.</summary>
    public abstract Task<bool> IsActiveAsync(CancellationToken cancellationToken);

    /// <summary>Returns the pauses that last as an array, or with a span also the pauses that ended in the span.</summary>
    public abstract Task<JsonElement> PausesAsync(SpanRequest span, CancellationToken cancellationToken);

    /// <summary>Returns the newest recorded changes as an array. <c>More</c> is a sentence if there are further changes.</summary>
    public abstract Task<(JsonElement Actions, string? More)> ActionsAsync(ActionsRequest request, CancellationToken cancellationToken);

    /// <summary>Skips the next fire time of a job, and returns the job.</summary>
    public abstract Task<JsonElement> SkipAsync(string job, NoteRequest note, CancellationToken cancellationToken);

    /// <summary>Returns the account of a job.</summary>
    public abstract Task<JsonElement> WhyAsync(string job, SpanRequest span, CancellationToken cancellationToken);

    /// <summary>Returns the account of all jobs.</summary>
    public abstract Task<JsonElement> AuditAsync(SpanRequest span, CancellationToken cancellationToken);

    /// <summary>Pauses a job, the jobs of a tag or an executor, or everything.</summary>
    /// <returns>The job, or the numbers of jobs of the tag or the executor. Undefined for everything.</returns>
    public abstract Task<JsonElement> PauseAsync(PauseTarget target, NoteRequest note, CancellationToken cancellationToken);

    /// <summary>Ends a pause. A job has <c>held_by</c> with the pauses that still hold it.</summary>
    /// <inheritdoc cref="PauseAsync"/>
    public abstract Task<JsonElement> ResumeAsync(PauseTarget target, NoteRequest note, CancellationToken cancellationToken);

    /// <summary>Asks for a run, and returns <c>id</c> and <c>existing</c>.</summary>
    public abstract Task<JsonElement> RunAsync(RunNowRequest request, CancellationToken cancellationToken);

    /// <summary>Makes up for missed fire times, and returns the fire times with their runs.</summary>
    public abstract Task<JsonElement> BackfillAsync(BackfillRequest request, CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}
