using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;

namespace Escapement;

sealed partial class StoreScheduler
{
    public IScheduler As(ChangeAuthor author)
    {
        ArgumentNullException.ThrowIfNull(author);
        return new StoreScheduler(store, handlers, options, clock, node) { Author = author };
    }

    public async Task<JobInfo> PauseAsync(string job, PauseNote? note = null, long? ifVersion = null,
        CancellationToken cancellationToken = default) =>
        Answers.Of((await EditAsync(Guarded(JobEdits.Pause(JobId.Parse(job), note?.Until, Of(note).By, Of(note).Why), ifVersion),
            cancellationToken))!, handlers);

    public async Task<JobInfo> ResumeAsync(string job, long? ifVersion = null, CancellationToken cancellationToken = default) =>
        Answers.Of((await EditAsync(Guarded(JobEdits.Resume(JobId.Parse(job)), ifVersion), cancellationToken))!, handlers);

    public async Task<JobInfo> SkipNextAsync(
        string job, ChangeAuthor? author = null, long? ifVersion = null, CancellationToken cancellationToken = default)
    {
        var skip = JobEdits.SkipNext(JobId.Parse(job));
        return Answers.Of((await EditAsync(Guarded(author is null ? skip : skip.From(author), ifVersion), cancellationToken))!, handlers);
    }

    public Task PauseAllAsync(PauseNote? note = null, CancellationToken cancellationToken = default) =>
        Store.ChangeAsync(new() { State = SchedulerEdits.Pause(note?.Until, Of(note).By, Of(note).Why).From(Origin) }, cancellationToken);

    public Task ResumeAllAsync(CancellationToken cancellationToken = default) =>
        Store.ChangeAsync(new() { State = SchedulerEdits.Resume.From(Origin) }, cancellationToken);

    public Task<ScopedJobs> PauseTagAsync(string tag, PauseNote? note = null, CancellationToken cancellationToken = default) =>
        ChangeScopeAsync(ScopedPauseEdit.Pause(PauseScope.Tag, Tag(tag), note?.Until, Of(note)), cancellationToken);

    public Task<ScopedJobs> ResumeTagAsync(string tag, CancellationToken cancellationToken = default) =>
        ChangeScopeAsync(ScopedPauseEdit.Resume(PauseScope.Tag, Tag(tag), Origin), cancellationToken);

    public Task<ScopedJobs> PauseExecutorAsync(string executor, PauseNote? note = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(executor);
        CheckExecutor(executor);
        return ChangeScopeAsync(ScopedPauseEdit.Pause(PauseScope.Executor, executor, note?.Until, Of(note)), cancellationToken);
    }

    public Task<ScopedJobs> ResumeExecutorAsync(string executor, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(executor);
        return ChangeScopeAsync(ScopedPauseEdit.Resume(PauseScope.Executor, executor, Origin), cancellationToken);
    }

    async Task<ScopedJobs> ChangeScopeAsync(ScopedPauseEdit edit, CancellationToken cancellationToken)
    {
        var changed = await Store.ChangeAsync(new() { Pauses = [edit] }, cancellationToken);
        var jobs = (await Store.JobsAsync(JobQuery.All, cancellationToken)).Jobs
            .Where(job => ScopedPauses.Has(edit.Scope, edit.Name, job.Job.Options)).ToList();
        var now = Store.Clock.GetUtcNow();
        return new(jobs.Count, changed.JobsOfPauses, jobs.Count(job => Lasts(changed.State.Paused) || Lasts(job.Paused)));

        bool Lasts(PauseRecord? pause) => pause is not null && !(pause.Until <= now);
    }

    /// <summary>Returns the author of a pause. The details of the note take precedence.</summary>
    ChangeAuthor Of(PauseNote? note) => Origin with { By = note?.By ?? Author?.By, Why = note?.Why ?? Author?.Why };

    static string Tag(string tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        return JobOptionTable.Tags.Form.Take(new[] { tag }) is not null ? tag : throw new FormatException(
            $"tag is '{Printable.Shown(tag)}'; 1 to 64 printable characters without a space at the ends are allowed.");
    }

    public async Task<IReadOnlyList<ListedPause>> PausesAsync(CancellationToken cancellationToken = default) =>
        Shown((await Store.LedgerAsync(new() { OnlyOpenPauses = true }, cancellationToken)).Pauses);

    public async Task<IReadOnlyList<ListedPause>> PauseHistoryAsync(DateTimeOffset from, DateTimeOffset to,
        CancellationToken cancellationToken = default)
    {
        _ = StoreLedger.Span(Store, from, to);
        var part = await Store.LedgerAsync(new() { From = from, To = to, Runs = false }, cancellationToken);
        return Shown(part.Pauses.Select(pause => ScopedPauses.Seen(pause, part.At)));
    }

    static IReadOnlyList<ListedPause> Shown(IEnumerable<ScopedPause> pauses)
    {
        var all = pauses.ToList();
        var held = all.Where(pause => pause is { Pause.Scope: not null, Ended: null })
            .CountBy(pause => (pause.Pause.Scope!.Value, pause.Pause.Name!)).ToDictionary();
        return [.. all.Where(pause => pause.Pause.Scope is null).Select(One)
            .OrderBy(pause => pause.Scope is PauseScope.Job ? 1 : 0).ThenBy(pause => pause.Scope)
            .ThenBy(pause => pause.Name, StringComparer.Ordinal).ThenBy(pause => pause.Since)];

        ListedPause One(ScopedPause pause) => new(pause, pause switch
        {
            { Scope: PauseScope.All } or { Ended: not null } => null,
            { Scope: PauseScope.Job } => 1,
            _ => held.GetValueOrDefault((pause.Scope, pause.Name)),
        });
    }

    public async Task<ActionPage> ActionsAsync(ActionQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return ActionPage.Of((await Store.LedgerAsync(new() { OnlyActions = query }, cancellationToken)).Actions, query.Limit);
    }
}
