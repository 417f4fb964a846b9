using System.Collections.Concurrent;

namespace Escapement.Core.Tests.Engine;

/// <summary>Runs tasks on the test's own thread and only when the test says so, as a thread pool without a free thread would.</summary>
sealed class PumpScheduler : TaskScheduler
{
    readonly ConcurrentQueue<Task> queue = new();

    /// <summary>Called when a task was queued, on the thread that queues it.</summary>
    public Action Queued { get; set; } = () => { };

    /// <summary>Runs queued tasks until none is left.</summary>
    public void RunAll()
    {
        while (queue.TryDequeue(out var task)) TryExecuteTask(task);
    }

    /// <summary>Removes the queued tasks; the caller gives them back with <see cref="Return"/>.</summary>
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
