namespace Escapement.Simulation;

/// <summary>The faults of a node.</summary>
sealed partial class SimulatedNode
{
    /// <summary>Asks the node to end, as a deployment does.</summary>
    public void End()
    {
        if (IsGone || IsEnding) return;
        IsEnding = true;
        Tell("is asked to end");
        Do(async () =>
        {
            if (endEngine is not null) await endEngine();
            Go("has ended");
        });
    }

    /// <summary>
    /// Stops the node at its current step, with <c>kill -STOP</c> or with a debugger.
    /// A debugger preserves its place in the queue for a lock.
    /// </summary>
    public void Stop(bool byDebugger = false)
    {
        if (IsGone || IsStopped) return;
        IsStopped = true;
        Presence.Away();
        Tell(byDebugger ? "is held by a debugger" : "is stopped");
        if (byDebugger) return;
        foreach (var one in locks) one.LosePlace();
    }

    public void GoOn()
    {
        if (IsGone || !IsStopped) return;
        IsStopped = false;
        if (!IsCutOff) Presence.Back();
        Tell("goes on");
        foreach (var one in locks.ToList()) one.WaitAgain();
        machine.Store.Grant();
    }

    /// <summary>Ends the server session with the node's life lock and its waits for the locks of other nodes.</summary>
    public void EndSession()
    {
        if (IsGone) return;
        session++;
        Tell("loses its session with the locks");
        foreach (var one in locks.ToList()) one.LoseSession();
    }

    /// <summary>Records whether a statement of the node is held back, so that the node gives no sign of life.</summary>
    public void HeldBack(bool held)
    {
        if (IsGone) return;
        if (held) Presence.Away();
        else if (!IsStopped && !IsCutOff) Presence.Back();
    }

    public void Kill()
    {
        if (IsGone) return;
        Presence.Away();
        Go("is killed");
    }

    public void CutOff(bool cut)
    {
        if (IsGone || IsCutOff == cut) return;
        IsCutOff = cut;

        // The server ends the sessions of an unreachable machine.
        if (cut && machine.EveryNodeIsActive)
        {
            world.In(TimeSpan.FromSeconds(1) + world.Pick(TimeSpan.FromSeconds(20)), () =>
        {
            if (IsCutOff) EndSession();
        });
        }

        Tell(cut ? "is cut off from the store" : "can reach the store again");
        if (cut) Presence.Away();
        else if (!IsStopped) Presence.Back();
    }

    public void MoveWallClock(TimeSpan by)
    {
        if (IsGone) return;
        WallClockOff += by;
        Tell($"has its wall clock moved by {by.TotalSeconds:0.###} s");
    }
}
