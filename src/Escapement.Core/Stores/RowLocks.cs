namespace Escapement.Stores;

/// <summary>The rows that transactions lock, in the order in which they lock them.</summary>
enum RowKind
{
    /// <summary>The state of the scheduler.</summary>
    State,

    /// <summary>An epoch.</summary>
    Epoch,

    /// <summary>A job.</summary>
    Job,
}

/// <summary>Names a row.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Number">The number of the epoch or job; 0 for the state.</param>
readonly record struct RowKey(RowKind Kind, long Number) : IComparable<RowKey>
{
    public static RowKey State { get; } = new(RowKind.State, 0);

    public static RowKey Epoch(long number) => new(RowKind.Epoch, number);

    public static RowKey Job(long number) => new(RowKind.Job, number);

    public int CompareTo(RowKey other) => Kind != other.Kind ? Kind.CompareTo(other.Kind) : Number.CompareTo(other.Number);
}

/// <summary>A moment of a transaction in which others may come between.</summary>
enum StoreStep
{
    /// <summary>A plan was made, and its statement is not sent yet.</summary>
    Send,

    /// <summary>A statement begins: what it does not lock it sees as it is now.</summary>
    Snapshot,

    /// <summary>All rows of the statement are locked.</summary>
    Locked,

    /// <summary>The next statement of an open transaction is not sent yet.</summary>
    NextStatement,
}

/// <summary>Which transaction has which row, and who waits for it. Not safe for use by several threads: the store's lock is held.</summary>
sealed class RowLocks
{
    readonly Dictionary<RowKey, (RowTransaction Holder, Queue<(RowTransaction Who, TaskCompletionSource Granted)> Waiting)> rows = [];

    public bool TryTake(RowKey row, RowTransaction who)
    {
        if (rows.TryGetValue(row, out var held)) return held.Holder == who;
        rows.Add(row, (who, []));
        return true;
    }

    /// <summary>Takes a row, or returns what to wait for.</summary>
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

    /// <summary>Gives up waiting for a row, or the row where it has been granted meanwhile.</summary>
    public void Leave(RowKey row, RowTransaction who)
    {
        if (rows[row].Holder == who) Release(row);
        else rows[row].Waiting.First(waiter => waiter.Who == who).Granted.TrySetCanceled();
    }
}

/// <summary>A transaction of a store in which every node is active. It locks rows, looks at them again and writes all at once; disposing of it lets its rows go.</summary>
/// <param name="gate">The store's lock.</param>
/// <param name="locks">The rows that are locked.</param>
/// <param name="steps">Lets a step begin; null where nothing comes between.</param>
/// <param name="waits">Waits for a row as long as a transaction may, and throws then; null where it may for ever.</param>
sealed class RowTransaction(Lock gate, RowLocks locks, Func<StoreStep, ValueTask>? steps, Func<Task, Task>? waits = null) : IDisposable
{
    readonly List<RowKey> held = [];

    /// <summary>Lets others come between.</summary>
    public ValueTask StepAsync(StoreStep step) => steps?.Invoke(step) ?? ValueTask.CompletedTask;

    /// <summary>Locks rows one after the other, and waits for those that another transaction has.</summary>
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

    /// <summary>Locks a row that no other transaction has.</summary>
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
