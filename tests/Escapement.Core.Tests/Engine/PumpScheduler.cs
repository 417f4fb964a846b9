using System.Collections.Concurrent;

namespace Escapement.Core.Tests.Engine;

/// <summary>
/// Runs tasks on the test's own thread and only on request, like a thread pool without a free thread.
/// </summary>
sealed class PumpScheduler : TaskScheduler
{
    readonly ConcurrentQueue<Task> queue = new();

    /// <summary>Gets or sets the callback after a task was queued, on the queueing thread.</summary>
    public Action Queued { get; set; } = () => { };

    /// <summary>Runs queued tasks until none is left.</summary>
    public void RunAll()
    {
        while (queue.TryDequeue(out var task)) TryExecuteTask(task);
    }

    /// <summary>Removes the queued tasks. The caller returns them with <see cref="Return"/>.</summary>
    public List<Task> TakeQueued()
    {
        List<Task> taken = [];
        while (queue.TryDequeue(out var task)) taken.Add(task);
        return taken;
    }

    /// <summary>Queues tasks again.</summary>
    public void Return(IEnumerable<Task> tasks)
    {
        foreach (var task in tasks) queue.Enqueue(task);
    }

    protected override void QueueTask(Task task)
    {
        queue.Enqueue(task);
        Queued();
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => queue;
}
