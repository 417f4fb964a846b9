using Escapement.Jobs;
using Escapement.Ledger;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>Handles a request to run a job now: enqueues a run and waits for its end.</summary>
/// <remarks>The active process executes the run, independent of the answering process. The responses: docs/rest.md,
/// under <i>run</i>.</remarks>
sealed class RunNow(ApiGroup api, ApiContext parts, HttpContext context)
{
    /// <summary>The maximum time to wait for the end of the run.</summary>
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>The maximum time without an active process. A handover takes less.</summary>
    static readonly TimeSpan Handover = TimeSpan.FromMilliseconds(500);

    static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    RunInfo? run;

    public async Task<IResult> AnswerAsync(JobId id)
    {
        var cancellationToken = context.RequestAborted;
        var body = await RunBody.ReadAsync(parts, context);
        var job = await parts.Scheduler.JobAsync(id.Value, cancellationToken);
        var request = body.Request(id, EntityTag.Demanded(context, job));

        // A program that asks for many runs without a name must not fill the list of recorded changes.
        var scheduler = Author.Name(parts, context, body.By) is null ? parts.Scheduler : Author.Of(parts, context, body.By, body.Why);
        var asked = (await scheduler.RunManyAsync([request], cancellationToken))[0];
        var address = api.RunAddress(context, asked.Id);
        if (WantsNoWait() || body.IsDelayed) return Accepted(asked, address);
        if (asked.Existing && await HasEndedAsync(asked.Id) is false && run is { State: RunState.Waiting }
            && run.FireTime > parts.Clock.GetUtcNow())
        {
            return Accepted(asked, address);
        }

        if (!await StoreWatch.WaitAsync(parts, () => EndedOrActiveAsync(asked.Id), Handover, Handover / 5, cancellationToken) || IsShutDown)
        {
            return NoActive(address);
        }

        await StoreWatch.WaitAsync(parts, () => EndedOrShutDownAsync(asked.Id), Limit, Between, cancellationToken);
        return run is { State: RunState.Waiting } && !IsShutDown && !parts.Stopping.IsCancellationRequested
            ? Accepted(asked, address, ReasonText.RunNotBegun(
                ReasonText.NotTaken(Limit, job.Handler, job.Options.Executor, job.Options.MaxInstances)))
            : await AfterAsync(job, address);
    }

    bool IsShutDown { get; set; }

    async Task<bool> EndedOrActiveAsync(RunId id)
    {
        if (await HasEndedAsync(id)) return true;
        var state = await parts.Scheduler.StateAsync(context.RequestAborted);
        IsShutDown = state.ShutDownSince is not null;
        return IsShutDown || state.IsActive;
    }

    /// <summary>Returns true if the run has ended, or if a shutdown prevents the run from starting before the next
    /// start.</summary>
    async Task<bool> EndedOrShutDownAsync(RunId id)
    {
        if (await HasEndedAsync(id)) return true;
        IsShutDown = run?.State == RunState.Waiting && (await parts.Scheduler.StateAsync(context.RequestAborted)).ShutDownSince is not null;
        return IsShutDown;
    }

    async Task<bool> HasEndedAsync(RunId id)
    {
        run = (await parts.Scheduler.RunsAsync(new() { Id = id }, context.RequestAborted)).Runs is [var found] ? found : null;
        return run is null or { State: RunState.Ended };
    }

    async Task<IResult> AfterAsync(JobInfo job, string address) => run switch
    {
        { Outcome: Outcome.Failed, Error: var error } => Problems.HandlerThrew(error, address),
        { Outcome: Outcome.Missed, Reason: Reason.Removed } => Problems.JobNotFound(job.Id.Value) with { Run = address },
        { Outcome: { } outcome and not Outcome.Succeeded, Reason: var reason } => Problems.RunWithoutSuccess(reason, outcome, address),
        { State: RunState.Waiting } when IsShutDown => NoActive(address),
        { State: RunState.Waiting } => Problems.NotBegun(ReasonText.Of(Reason.Draining), Reason.Draining, address),
        null => Problems.RunDeleted,
        _ => await FinishedAsync(job, address),
    };

    /// <summary>Returns the current job. The run has finished, or continues beyond the limit.</summary>
    async Task<IResult> FinishedAsync(JobInfo before, string address)
    {
        context.Response.Headers.Location = address;
        var (id, cancellationToken) = (before.Id, context.RequestAborted);
        return await JobAnswer.FindAsync(parts, id, cancellationToken) is { } job
            ? JobAnswer.Of(parts, context, job)
            : JobAnswer.Of(parts, context, before, await JobAnswer.EndAsync(parts, id, cancellationToken));
    }

    Problem NoActive(string address) => IsShutDown
        ? Problems.NotBegun(ReasonText.Of(Reason.ShutDown), Reason.ShutDown, address)
        : Problems.NotBegun(ReasonText.NoActive(), Reason.NoActiveNode, address);

    bool WantsNoWait() => context.Request.Headers["Prefer"].Any(value => value is not null
        && value.Split(',').Any(part => part.Split(';')[0].Trim().Equals("respond-async", StringComparison.OrdinalIgnoreCase)));

    JsonAnswer Accepted(EnqueuedRun enqueued, string address, string? sentence = null)
    {
        context.Response.Headers.Location = address;
        if (WantsNoWait()) context.Response.Headers["Preference-Applied"] = "respond-async";
        return new(
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("id", enqueued.Id.ToString());
                writer.WriteString("run", address);
                writer.WriteBoolean("existing", enqueued.Existing);
                if (sentence is not null) writer.WriteString("sentence", sentence);
                writer.WriteEndObject();
            },
            Status: 202);
    }
}
