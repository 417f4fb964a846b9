using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Engine;

/// <summary>
/// Clears marks of a store whose processes have all ended. Under the lock, or if every node is active, a shutdown ends,
/// and the scheduler may start paused.
/// </summary>
/// <remarks>
/// Judged once, at this node's start. A shutdown during the node's life stays in force, even if the node gets the lock
/// later.
/// </remarks>
sealed class ColdStart(NodeContext context)
{
    bool judged;

    /// <summary>Judges and clears the marks, unless this was done before.</summary>
    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        if (judged) return;
        if (context.EveryNodeIsActive || context.Locks.Main.Held) await ClearOfTheGoneAsync(cancellationToken);
        judged = true;
    }

    async Task ClearOfTheGoneAsync(CancellationToken cancellationToken)
    {
        var look = await context.Store.LookAsync(Sign.None, cancellationToken);
        using var lost = new LostNodes(context);
        var dead = lost.Find(look, context.Name.Id);
        if (look.Nodes.Any(node => node.Name.Id != context.Name.Id && !dead.Contains(node.Name.Id))) return;
        var shutDown = look.State.ShutDown;
        var pauses = context.Settings.StartPaused && look.State.Paused is null;
        if (shutDown is null && !pauses) return;

        // A user may pause the scheduler or shut it down between the look and the change. Such a mark stays in force.
        var paused = false;
        var start = new StateEdit(pauses ? ActionKind.SchedulerPaused : ActionKind.SchedulerStarted, (state, now) =>
        {
            paused = pauses && state.Paused is null;
            return state with
            {
                Paused = paused
                ? new() { At = now, By = "START_PAUSED" }
                : state.Paused,
                ShutDown = state.ShutDown == shutDown ? null : state.ShutDown
            };
        })
        { Origin = context.Name.Origin };
        await context.Store.ChangeAsync(new() { State = start }, cancellationToken);
        if (paused) Log.StartedPaused(context.Log);
    }
}
