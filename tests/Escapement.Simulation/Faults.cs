using Escapement.Jobs;
using Escapement.Rules;

namespace Escapement.Simulation;

/// <summary>Applies each planned fault at its instant, or when its node next reaches its point.</summary>
sealed partial class Faults(World world, Machine machine, IReadOnlyList<Fault> planned)
{
    /// <summary>The time after which a fault whose point nobody reaches is dropped.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    readonly List<Fault> waiting = [];
    int open = planned.Count;

    /// <summary>Gets whether all faults have begun and ended.</summary>
    public bool AreOver => open == 0;

    public void Begin()
    {
        foreach (var fault in planned) world.In(fault.At, () => Due(fault));
    }

    void Due(Fault fault)
    {
        if (fault.Point is null)
        {
            Strike(fault, Find(fault));
            return;
        }

        waiting.Add(fault);
        world.In(Patience, () =>
        {
            if (waiting.Remove(fault)) open--;
        });
    }

    /// <summary>Applies the faults that wait for a node to reach a point.</summary>
    public void Reached(SimulatedNode node, Step step, When when)
    {
        for (var i = 0; i < waiting.Count; i++)
        {
            var fault = waiting[i];
            if (fault.Point != (step, when) || !(fault.PointOf is { } other ? node.Name.Id == other : Fits(fault, node))) continue;
            waiting.RemoveAt(i);
            Strike(fault, fault.PointOf is null ? node : Find(fault));
            return;
        }
    }

    SimulatedNode? Find(Fault fault)
    {
        var fit = world.Nodes.Where(node => !node.IsGone && Fits(fault, node)).ToList();
        return fit.Count == 0 ? null : fit[world.Pick(fit.Count)];
    }

    bool Fits(Fault fault, SimulatedNode node) => fault.Node is { } name ? node.Name.Id == name : fault.Whom switch
    {
        Whom.Active => machine.Checker.IsCurrent(node) || fault.Point is { Step: Step.Raise or Step.Claim },
        Whom.Standby => !machine.Checker.IsCurrent(node) && !node.IsEnding,
        Whom.LockHolder => node.HoldsLock,
        Whom.Draining => node.IsEnding,
        _ => true,
    };

    void Strike(Fault fault, SimulatedNode? node)
    {
        var alone = fault.Trouble is Trouble.StopAll or Trouble.Outage or Trouble.ReplaceLockFile or Trouble.StartNode or Trouble.EndSessions or Trouble.LockJob;
        if (node is null && !alone)
        {
            open--;
            return;
        }

        machine.Checker.Disturbed();
        switch (fault.Trouble)
        {
            case Trouble.Stop or Trouble.Hold:
                node!.Stop(byDebugger: fault.Trouble == Trouble.Hold);
                Later(fault, node.GoOn);
                break;
            case Trouble.StopAll:
                StopAll(fault);
                break;
            case Trouble.Kill:
                node!.Kill();
                Later(fault, () => machine.StartNode());
                break;
            case Trouble.End:
                node!.End();
                Later(fault, () => machine.StartNode());
                break;
            case Trouble.CutOff:
                node!.CutOff(true);
                Later(fault, () => node.CutOff(false));
                break;
            case Trouble.Outage:
                machine.Store.Outage(true);
                Later(fault, () => machine.Store.Outage(false));
                break;
            case Trouble.MoveClock:
                MoveClock(fault, node!);
                break;
            case Trouble.MoveJob:
                machine.Edit(node!, job => JobEdits.Change(job.Id, same => same, Near(job, node!.Clock.GetUtcNow() + fault.By)));
                open--;
                break;
            case Trouble.Backfill:
                machine.Backfill(node!);
                open--;
                break;
            case Trouble.PauseJob:
                Pause(fault, node!);
                break;
            case Trouble.GoOn:
                node!.GoOn();
                open--;
                break;
            case Trouble.ReplaceLockFile:
                machine.ReplaceLockFile();
                open--;
                break;
            case Trouble.StartNode:
                machine.StartNode();
                open--;
                break;
            default:
                StrikeEach(fault, node!);
                break;
        }
    }

    /// <summary>Moves a clock. A clock set forward is corrected later, as by an operator.</summary>
    void MoveClock(Fault fault, SimulatedNode node)
    {
        node.MoveWallClock(fault.By);
        machine.Checker.ClockMoved();
        if (fault.By > TimeSpan.Zero)
        {
            Later(fault, () =>
        {
            node.MoveWallClock(-fault.By);
            machine.Checker.ClockIsRightAgain(node);
        });
        }
        else
        {
            open--;
        }
    }

    void Pause(Fault fault, SimulatedNode node)
    {
        var job = machine.Edit(node, job => JobEdits.Pause(job.Id));
        Later(fault, () => machine.Edit(Find(fault) ?? node, _ => JobEdits.Resume(job.Id)));
    }

    /// <summary>Returns the last fire time of a job at or before an instant, or the first fire time.</summary>
    static DateTimeOffset Near(Job job, DateTimeOffset at) => job.Trigger!.Previous(at) ?? job.Trigger.Next(at) ?? World.Start;

    /// <summary>
    /// Stops the whole group, as with Ctrl+Z and <c>fg</c>. The nodes continue within a moment, in any order.
    /// </summary>
    void StopAll(Fault fault)
    {
        var all = world.Nodes.Where(node => !node.IsGone && !node.IsStopped).OrderBy(_ => world.Pick(1000)).ToList();
        foreach (var node in all) node.Stop();
        Later(fault, () =>
        {
            foreach (var node in all) world.In(world.Pick(TimeSpan.FromMilliseconds(30)), node.GoOn);
        });
    }

    void Later(Fault fault, Action end)
    {
        if (fault.Lasts is not { } time)
        {
            open--;
            return;
        }

        world.In(time, () =>
        {
            machine.Checker.Disturbed();
            end();
            open--;
        });
    }
}
