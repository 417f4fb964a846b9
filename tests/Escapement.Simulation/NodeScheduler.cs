namespace Escapement.Simulation;

/// <summary>Collects all work of a node. No task runs inside another task, so each await is a separate step.</summary>
/// <param name="take">Keeps a task until the seed picks it.</param>
sealed class NodeScheduler(Action<Task> take) : TaskScheduler
{
    /// <summary>Runs a collected task.</summary>
    public void Run(Task task) => TryExecuteTask(task);

    protected override void QueueTask(Task task) => take(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}
