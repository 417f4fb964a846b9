using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Engine;

/// <summary>The result of a node's attempt to end its own epoch.</summary>
enum EpochAnswer
{
    /// <summary>The epoch has ended.</summary>
    Ended,

    /// <summary>Another node had ended the epoch before.</summary>
    Fenced,

    /// <summary>The store could not be asked, or its answer was lost.</summary>
    None,
}

/// <summary>
/// Runs a node's time as the active node, from the accepted raise to the end of the epoch: brings the jobs in line,
/// claims, and sends heartbeats.
/// </summary>
sealed class ActiveSession : IDisposable
{
    readonly NodeContext context;
    readonly NodeResources node;
    readonly Raise raise;
    readonly StoreOutage outage;
    readonly SessionHeartbeat heartbeat;
    readonly Planner planner;
    bool hasEnded;

    /// <param name="context">The context of the node.</param>
    /// <param name="node">The parts that outlive the session.</param>
    /// <param name="raise">The raise that began the epoch.</param>
    public ActiveSession(NodeContext context, NodeResources node, Raise raise)
    {
        (this.context, this.node, this.raise) = (context, node, raise);
        outage = new(context.Clock, context.Log);
        heartbeat = new(context, raise, node.WakeUp, outage)
        {
            ClockWentBack = node.Reconciler.BeginAnewAsync,
            Looked = (look, cancellationToken) =>
                context.EveryNodeIsActive ? node.Reconciler.FollowNodesAsync(look, cancellationToken) : Task.CompletedTask,
        };
        planner = new(context, node.Executors, node.WakeUp, outage, heartbeat);
    }

    /// <summary>The epoch.</summary>
    public Epoch Epoch => raise.Epoch;

    /// <summary>Whether the epoch has not ended as far as the node knows.</summary>
    public bool IsLive => !hasEnded && !heartbeat.Permit.IsFenced;

    /// <summary>
    /// The reason why the jobs cannot be brought in line, or null if the jobs are in line or not yet tried.
    /// </summary>
    public string? NotInLine { get; private set; }

    /// <summary>The reason why the node cannot claim at present, or null if the node can claim.</summary>
    public string? Outage => outage.Message;

    /// <summary>The state shown by a fenced node.</summary>
    public NodeState.Standby Fenced =>
        new(Reason.Fenced, null, heartbeat.StoreWasReplaced ? ReasonText.StoreReplaced(context.Store.Place.Name) : null);

    /// <summary>
    /// Called when the node's state is meaningful: the claims have begun, or the store is unavailable.
    /// </summary>
    public required Action Ready { get; init; }

    /// <summary>Sends a heartbeat at once, because a waiter probes or the epoch may be over.</summary>
    public void Signal() => heartbeat.Signal();

    /// <summary>
    /// Stays active until the node stops, is fenced, or the scheduler is shut down. Throws if a loop of the session
    /// fails.
    /// </summary>
    public async Task<SessionEnd> RunAsync()
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(node.Stop.Token);
        Task claims = Task.CompletedTask, beats = Task.CompletedTask, follows = Task.CompletedTask;
        SessionEnd how;
        try
        {
            // A takeover by another process of the same program finds the jobs as declared, and claims at once.
            var inLine = raise.Declared == node.Reconciler.Hash;
            var beating = inLine ? null : heartbeat.RunAsync(end.Token);
            beats = beating ?? beats;
            if (!inLine) await BringInLineAsync(end.Token);
            claims = PlanAsync(end);
            raise.Tell(context.Log);
            Ready();
            beats = beating ??= heartbeat.RunAsync(end.Token);

            // A job declared only by an older version is retired once none of its processes lives. The process that was
            // active before may have checked too early.
            if (inLine) await BringInLineAsync(end.Token);
            follows = node.Reconciler.FollowAsync(end.Token);
            how = await beating;
        }
        finally
        {
            end.Cancel();
            node.WakeUp.Signal();
            await Task.WhenAll(claims, beats, follows);
        }

        return await FinishAsync(how);
    }

    Task PlanAsync(CancellationTokenSource end)
    {
        var mayStart = context.ProtocolOverrides.MayStart(heartbeat.Permit);
        var activation = new Activation(context.Name.Id, Epoch.Number, context.Settings.GraceLimit, mayStart)
        {
            DrainOver = () => node.Stop.DrainUntil is { } until && context.Clock.GetUtcNow() >= until,
        };
        return planner.RunAsync(activation, end);
    }

    /// <summary>
    /// Brings the stored jobs in line with the declared jobs, and waits for the store if the store is unavailable.
    /// After any other failure the jobs stay as they are.
    /// </summary>
    async Task BringInLineAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && !heartbeat.Permit.IsFenced)
        {
            try
            {
                await node.Reconciler.RunAsync(cancellationToken);
                NotInLine = null;
                return;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (StoreUnavailableException e)
            {
                var message = Failure.MessageOf(e);
                if (NotInLine is null) Log.StoreDown(context.Log, message);
                NotInLine = message;
                Ready();

                // An earlier signal, such as the signal of the raise, would end the pause at once.
                node.WakeUp.Reset();
                await node.WakeUp.WaitAsync(EngineSettings.RetryPause, cancellationToken);
            }
            catch (Exception e)
            {
                Log.NotInLine(context.Log, Failure.MessageOf(e), Failure.Loggable(e));
                NotInLine = null;
                return;
            }
        }
    }

    async Task<SessionEnd> FinishAsync(SessionEnd how)
    {
        if (how == SessionEnd.Fenced) Fence();
        if (how != SessionEnd.ShutDown) return how;
        Log.ShutDown(context.Log);
        while (await EndAsync(EpochEnd.ShutDown) == EpochAnswer.None)
        {
            // If the epoch did not end, the next raise would end the epoch and settle its runs.
            if (node.Stop.IsGiven) return SessionEnd.Stopping;
            node.WakeUp.Reset();
            await node.WakeUp.WaitAsync(EngineSettings.RetryPause, node.Stop.Token);
        }

        return SessionEnd.ShutDown;
    }

    /// <summary>Ends the epoch, unless the epoch has ended.</summary>
    public async Task<EpochAnswer> EndAsync(EpochEnd how)
    {
        if (!IsLive) return EpochAnswer.Ended;
        var until = node.Stop.DrainUntil ?? DateTimeOffset.MaxValue;
        try
        {
            var change = new EpochChange
            {
                By = (context.Name.Id, Epoch.Number),
                StepDown = new(until, how) { Unanswered = planner.Unanswered },
            };
            if ((await context.Store.ChangeEpochsAsync(change, CancellationToken.None)).Done)
            {
                heartbeat.Permit.SteppedDown(until);
                hasEnded = true;
                if (context.EveryNodeIsActive) node.DrainHeartbeats.Begin(heartbeat);
                if (node.Stop.IsGiven && how == EpochEnd.SteppedDown)
                {
                    Log.Leaving(context.Log, Epoch.Number);
                }

                return EpochAnswer.Ended;
            }
        }
        catch (Exception e)
        {
            // The epoch is neither ended nor fenced: other nodes see its lease or its end. Perhaps only the answer was
            // lost.
            Log.StoreDown(context.Log, Failure.MessageOf(e));
            if (context.EveryNodeIsActive) node.DrainHeartbeats.Begin(heartbeat);
            return EpochAnswer.None;
        }

        Fence();
        return EpochAnswer.Fenced;
    }

    /// <summary>
    /// Gives up the epoch without the store, unless the epoch has ended. No handler starts afterwards.
    /// </summary>
    public void GiveUp()
    {
        if (!hasEnded) heartbeat.Permit.Fence();
    }

    void Fence()
    {
        heartbeat.Permit.Fence();
        if (!heartbeat.StoreWasReplaced && context.ProtocolOverrides.DropsWhenFenced) node.Executors.Fence(Epoch.Number);
        Log.Fenced(context.Log, Fenced.Sentence);
    }

    /// <inheritdoc/>
    public void Dispose() => heartbeat.Dispose();
}
