namespace Escapement.Stores;

/// <summary>The kinds of lockable rows, in lock order.</summary>
enum RowKind
{
    /// <summary>The scheduler state.</summary>
    State,

    /// <summary>An epoch.</summary>
    Epoch,

    /// <summary>A job.</summary>
    Job,
}

/// <summary>The key of a row.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Number">The number of the epoch or job, or 0 for the state.</param>
readonly record struct RowKey(RowKind Kind, long Number) : IComparable<RowKey>
{
    public static RowKey State { get; } = new(RowKind.State, 0);

    public static RowKey Epoch(long number) => new(RowKind.Epoch, number);

    public static RowKey Job(long number) => new(RowKind.Job, number);

    public int CompareTo(RowKey other) => Kind != other.Kind ? Kind.CompareTo(other.Kind) : Number.CompareTo(other.Number);
}

/// <summary>A point of a transaction at which other transactions may interleave.</summary>
enum StoreStep
{
    /// <summary>A plan was made, and its statement is not sent yet.</summary>
    Send,

    /// <summary>A statement begins, and takes its snapshot of rows without a lock.</summary>
    Snapshot,

    /// <summary>All rows of the statement are locked.</summary>
    Locked,

    /// <summary>The next statement of an open transaction is not sent yet.</summary>
    NextStatement,
}

/// <summary>The locked rows with their holders and waiting transactions. Not thread-safe: the caller holds the store's
/// lock.</summary>
sealed class RowLocks
{
    readonly Dictionary<RowKey, (RowTransaction Holder, Queue<(RowTransaction Who, TaskCompletionSource Granted)> Waiting)> rows = [];

    public bool TryTake(RowKey row, RowTransaction who)
    {
        if (rows.TryGetValue(row, out var held)) return held.Holder == who;
        rows.Add(row, (who, []));
        return true;
    }

    /// <summary>Locks a row. Returns a task that completes when the lock is granted.</summary>
    public Task Take(RowKey row, RowTransaction who)
    {
        if (TryTake(row, who)) return Task.CompletedTask;
        var granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        rows[row].Waiting.Enqueue((who, granted));
        return granted.Task;
    }

    public void Release(RowKey row)
    {
        while (rows[row].Waiting.TryDequeue(out var next))
        {
            if (!next.Granted.TrySetResult()) continue;
            rows[row] = rows[row] with { Holder = next.Who };
            return;
        }

        rows.Remove(row);
    }

    /// <summary>Stops waiting for a row, and releases the row if it was granted meanwhile.</summary>
    public void Leave(RowKey row, RowTransaction who)
    {
        if (rows[row].Holder == who) Release(row);
        else rows[row].Waiting.First(waiter => waiter.Who == who).Granted.TrySetCanceled();
    }
}

/// <summary>A transaction of a store in which every node is active. Locks rows, checks them again and writes everything
/// at once. Disposing releases the locks.</summary>
/// <param name="gate">The store's lock.</param>
/// <param name="locks">The row locks of the store.</param>
/// <param name="steps">Called before each step, or null without interleaving.</param>
/// <param name="waits">Waits for a row and throws at the limit of a transaction. Null for an unlimited wait.</param>
sealed class RowTransaction(Lock gate, RowLocks locks, Func<StoreStep, ValueTask>? steps, Func<Task, Task>? waits = null) : IDisposable
{
    readonly List<RowKey> held = [];

    /// <summary>Lets other transactions interleave.</summary>
    public ValueTask StepAsync(StoreStep step) => steps?.Invoke(step) ?? ValueTask.CompletedTask;

    /// <summary>Locks rows in order, and waits for rows locked by another transaction.</summary>
    public async ValueTask LockAsync(IEnumerable<RowKey> rows)
    {
        foreach (var row in rows.Distinct().Order())
        {
            if (held.Contains(row)) continue;
            Task granted;
            lock (gate) granted = locks.Take(row, this);
            await WaitAsync(row, granted);
            held.Add(row);
        }
    }

    async ValueTask WaitAsync(RowKey row, Task granted)
    {
        try
        {
            await (granted.IsCompleted || waits is null ? granted : waits(granted));
        }
        catch
        {
            lock (gate) locks.Leave(row, this);
            throw;
        }
    }

    /// <summary>Locks a row without waiting. Returns false if another transaction holds the lock.</summary>
    public bool TryLock(RowKey row)
    {
        if (held.Contains(row)) return true;
        lock (gate)
        {
            if (!locks.TryTake(row, this)) return false;
        }

        held.Add(row);
        return true;
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var row in held) locks.Release(row);
            held.Clear();
        }
    }
}
