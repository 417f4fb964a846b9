namespace Escapement.Simulation;

/// <summary>Takes all work of one node. Nothing runs inside something else, so that each await is a step of its own.</summary>
/// <param name="take">Keeps a task until the seed picks it.</param>
sealed class NodeScheduler(Action<Task> take) : TaskScheduler
{
    /// <summary>Runs a task that was taken.</summary>
    public void Run(Task task) => TryExecuteTask(task);

    protected override void QueueTask(Task task) => take(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}
