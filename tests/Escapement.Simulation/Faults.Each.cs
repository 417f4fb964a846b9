using Escapement.Rules;

namespace Escapement.Simulation;

/// <summary>The faults of a server, and edits of jobs during claims.</summary>
sealed partial class Faults
{
    void StrikeEach(Fault fault, SimulatedNode node)
    {
        switch (fault.Trouble)
        {
            case Trouble.LoseAnswers:
                LoseAnswers(fault, node);
                break;
            case Trouble.HoldStatement:
                machine.Store.Server.HoldNext(node, fault.Lasts ?? TimeSpan.FromSeconds(1));
                Later(fault, static () => { });
                break;
            case Trouble.BreakConnections:
                machine.Store.Server.Break(node);
                open--;
                break;
            case Trouble.EndSession:
                node.EndSession();
                open--;
                break;
            case Trouble.EndSessions:
                EndSessions();
                open--;
                break;
            case Trouble.LockJob:
                var row = machine.LockJob();
                Later(fault, () => row?.Invoke());
                break;
            case Trouble.PauseScope:
                PauseScope(fault, node);
                break;
            case Trouble.SkipNext:
                machine.Edit(node, job => JobEdits.SkipNext(job.Id));
                open--;
                break;
            case Trouble.PauseAll:
                Machine.ChangeState(node, SchedulerEdits.Pause());
                Later(fault, () => Machine.ChangeState(Find(fault) ?? node, SchedulerEdits.Resume));
                break;
            case Trouble.AskForRun:
                machine.AskForRun(node);
                open--;
                break;
            case Trouble.LowerLimit:
                var limited = machine.Edit(node, job =>
                    JobEdits.Change(job.Id, same => same with { Options = same.Options with { MaxInstances = 1 } }));
                Later(fault, () => machine.Edit(Find(fault) ?? node, _ => JobEdits.Change(limited.Id, _ => limited), limited));
                break;
            case Trouble.RemoveJob:
                var removed = machine.Edit(node, job => JobEdits.Remove(job.Id));
                Later(fault, () => machine.Edit(Find(fault) ?? node, _ => JobEdits.Add(removed), removed));
                break;
            default:
                throw new InvalidOperationException($"Nobody knows how to do {fault.Trouble}.");
        }
    }

    /// <summary>Pauses a tag or the executor, half of the time with an end of its own, and resumes the scope.</summary>
    void PauseScope(Fault fault, SimulatedNode node)
    {
        var (scope, name) = world.Pick(3) switch
        {
            0 => (Ledger.PauseScope.Tag, Plan.Fast),
            1 => (Ledger.PauseScope.Tag, Plan.Slow),
            _ => (Ledger.PauseScope.Executor, JobOptions.Default),
        };
        DateTimeOffset? until = world.Pick(2) == 0 ? node.Clock.GetUtcNow() + TimeSpan.FromSeconds(1 + world.Pick(20)) : null;
        machine.ChangePause(node, ScopedPauseEdit.Pause(scope, name, until));
        Later(fault, () => machine.ChangePause(Find(fault) ?? node, ScopedPauseEdit.Resume(scope, name)));
    }

    void LoseAnswers(Fault fault, SimulatedNode node)
    {
        node.Tell("loses the answers of the store");
        machine.Store.Server.Deaf.Add(node);
        node.HeldBack(true);
        Later(fault, () =>
        {
            machine.Store.Server.Deaf.Remove(node);
            node.HeldBack(false);
        });
    }

    /// <summary>
    /// Simulates a restart of the server. All locks are free, and the nodes come back at different speeds.
    /// </summary>
    void EndSessions()
    {
        foreach (var node in world.Nodes)
        {
            if (node.IsGone) continue;
            node.EndSession();
            machine.Store.Server.Break(node);
        }
    }
}
