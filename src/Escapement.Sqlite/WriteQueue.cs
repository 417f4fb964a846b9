using System.Globalization;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>Queues the writers of a store in the kernel, in order of arrival, on the lock files <c>next</c> and
/// <c>turn</c>.</summary>
/// <remarks>
/// SQLite sleeps and retries, so that a busy writer can starve other writers for seconds. With a single lock file, the
/// releasing
/// writer takes the lock again before the woken writer runs. With two files, the next writer already holds <c>next</c>,
/// and the busy
/// writer queues behind.
/// </remarks>
sealed class WriteQueue : IDisposable
{
    const string Next = ".next", Turn = ".turn";

    /// <summary>The length of the text in the file <c>turn</c>. The text is written in place with a constant
    /// length.</summary>
    const int Width = 64;

    static readonly TimeSpan LookPause = TimeSpan.FromSeconds(1);

    readonly Lock gate = new();
    Flock next, turn;
    long looked;
    readonly TimeProvider clock;
    readonly TimeSpan limit;
    readonly string store;
    readonly Func<string, Flock> open;
    readonly LinkedList<Waiter> waiters = [];
    readonly SemaphoreSlim wanted = new(0);
    Thread? thread;
    bool held, inKernel, disposed;

    sealed class Waiter() : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <exception cref="StoreRefusedException">A lock file belongs to another program.</exception>
    /// <exception cref="IOException">A lock file cannot be opened for writing.</exception>
    public WriteQueue(string store, TimeSpan limit, TimeProvider clock)
        : this(store, limit, clock, path => OwnFile.Open(path, create: true, FileRights.Beside(store))!)
    {
    }

    /// <summary>Creates a queue on files opened by the given function, which creates a missing file.</summary>
    internal WriteQueue(string store, TimeSpan limit, TimeProvider clock, Func<string, Flock> open)
    {
        (this.store, this.limit, this.clock, this.open) = (store, limit, clock, open);
        try
        {
            (next, turn) = Open();
        }
        catch (NotOwnFileException e)
        {
            throw Foreign(store, e);
        }

        looked = clock.GetTimestamp();
    }

    /// <summary>Checks whether the queue's files are usable, before anything is created.</summary>
    /// <exception cref="StoreRefusedException">A file is not usable. The message names the file.</exception>
    public static void Check(string store)
    {
        try
        {
            foreach (var end in (string[])[Next, Turn]) OwnFile.Open(store + end, create: false)?.Dispose();
        }
        catch (NotOwnFileException e)
        {
            throw Foreign(store, e);
        }
    }

    static StoreRefusedException Foreign(string store, NotOwnFileException e) =>
        new($"The store {store} cannot be opened: {e.Message} Move the file away, or set STORE to another path.", e);

    (Flock Next, Flock Turn) Open()
    {
        var next = open(store + Next);
        try
        {
            return (next, open(store + Turn));
        }
        catch
        {
            next.Dispose();
            throw;
        }
    }

    /// <summary>Switches to new lock files at the same paths, where later openers of the store queue. Called after
    /// releasing the turn.</summary>
    void LookAtFiles()
    {
        if (clock.GetElapsedTime(looked) < LookPause) return;
        looked = clock.GetTimestamp();
        if (next.IsAtPath() && turn.IsAtPath()) return;
        try
        {
            var (newNext, newTurn) = Open();
            Close();
            (next, turn) = (newNext, newTurn);
        }
        catch (IOException)
        {
            // The files are unavailable. The queue only orders the writers, and SQLite's own lock separates the
            // writers.
        }
    }

    /// <summary>Waits for the turn. <see cref="Release"/> returns the turn.</summary>
    /// <exception cref="StoreUnavailableException">Another process held the turn beyond the limit. The message names
    /// the process.</exception>
    public async ValueTask TakeAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Waiter mine;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (!held && !inKernel && waiters.Count == 0 && TryTake())
            {
                held = true;
                return;
            }

            waiters.AddLast(mine = new());
            if (!held && !inKernel) WaitInKernel();
        }

        try
        {
            await mine.Task.WaitAsync(limit, clock, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // If the turn was given at the same moment, the turn is taken.
            if (!Withdraw(mine)) return;
            if (e is OperationCanceledException) throw;
            throw new StoreUnavailableException(Held(), e);
        }
    }

    /// <summary>Passes the turn to a waiting writer of this process, or to another process.</summary>
    public void Release()
    {
        lock (gate)
        {
            held = false;
            turn.Unlock();
            if (disposed)
            {
                Close();
                return;
            }

            LookAtFiles();
            if (waiters.Count > 0) GiveOrWait();
        }
    }

    void GiveOrWait()
    {
        try
        {
            if (TryTake()) Give();
            else WaitInKernel();
        }
        catch (StoreUnavailableException e)
        {
            FailAll(e);
        }
    }

    // Never overtakes a waiting process: next is taken first, and kept by the thread if the turn is not free.
    bool TryTake()
    {
        try
        {
            if (!next.TryLock() || !turn.TryLock()) return false;
            next.Unlock();
            Sign();
            return true;
        }
        catch (IOException e)
        {
            UnlockNext();
            throw Faulty(e);
        }
    }

    /// <summary>Gives up the place in the queue after a fault. Otherwise the place would block other processes until
    /// this process writes again.</summary>
    void UnlockNext()
    {
        try
        {
            next.Unlock();
        }
        catch (IOException)
        {
            // Locking this file caused the fault.
        }
    }

    StoreUnavailableException Faulty(IOException fault) => new($"The store {store} cannot be written: {fault.Message}", fault);

    void WaitInKernel()
    {
        inKernel = true;
        if (thread is null)
        {
            thread = new(Wait) { IsBackground = true, Name = "escapement write queue" };
            thread.Start();
        }

        wanted.Release();
    }

    void Wait()
    {
        while (true)
        {
            wanted.Wait();
            var fault = LockBoth();
            lock (gate)
            {
                inKernel = false;
                if (disposed)
                {
                    // The current writer closes the files at the end of its turn.
                    if (!held) Close();
                    return;
                }

                if (fault is not null)
                {
                    FailAll(Faulty(fault));
                    continue;
                }

                if (waiters.Count > 0) Give();
                // The waiter has given up, so the lock is released at once.
                else turn.Unlock();
            }
        }
    }

    /// <summary>Waits in the kernel. Returns an error instead of throwing, because an exception on this thread would
    /// end the process.</summary>
    IOException? LockBoth()
    {
        try
        {
            if (Volatile.Read(ref disposed)) return null;

            // The try may already hold next. Locking a file twice through the same handle has no effect.
            next.Lock();
            turn.Lock();
            next.Unlock();
            return null;
        }
        catch (IOException e)
        {
            UnlockNext();
            return e;
        }
    }

    void FailAll(Exception why)
    {
        foreach (var waiter in waiters) waiter.TrySetException(why);
        waiters.Clear();
    }

    void Give()
    {
        var first = waiters.First!.Value;
        waiters.RemoveFirst();
        held = true;
        Sign();
        first.SetResult();
    }

    bool Withdraw(Waiter waiter)
    {
        lock (gate) return waiters.Remove(waiter);
    }

    // For messages of other processes: the writer, and since when the turn is held.
    void Sign()
    {
        try
        {
            turn.Write(string.Create(CultureInfo.InvariantCulture,
                $"{OwnFile.Mark}turn {Environment.ProcessId} {clock.GetUtcNow().ToMicros()}").PadRight(Width - 1) + "\n");
        }
        catch (IOException)
        {
            // The disk may be full. The turn is held anyway, and the text only serves messages.
        }
    }

    /// <summary>Returns a message with the holder of the turn, since when the turn is held, and the remedy.</summary>
    string Held()
    {
        int? writer;
        DateTimeOffset? since;
        lock (gate) (writer, since) = Signed();

        // The kernel's table is more reliable than a text. A process that is stopped with only "next" also blocks
        // all writers behind.
        var pid = Holder(turn) ?? Holder(next) ?? writer;

        // The holder of the turn may itself wait for a writer outside the queue.
        if (SqliteFaults.Locker(store) is { } locker && locker != pid) return SqliteFaults.Locked(store);
        var prefix = string.Create(CultureInfo.InvariantCulture,
            $"The store {store} could not be written for {limit.TotalSeconds:0.#} s: ");
        if (pid is not { } known) return prefix + "another process holds the write turn, and the process id is unknown.";
        var begun = known == writer && since is { } at ? $" since {at:u}" : "";
        if (known == Environment.ProcessId) return prefix + $"an earlier write of this process has been running{begun}. Check the disk.";
        return prefix + $"{SqliteFaults.Who(known)} has held the write turn{begun}. {SqliteFaults.ResumeAdvice(known)}";
    }

    static int? Holder(Flock file) => FileIdentity.Of(file.Path) is { } there ? KernelLocks.Holder("FLOCK", there) : null;

    /// <summary>Parses the text in the file <c>turn</c>. Returns nulls if the text is invalid.</summary>
    (int? Pid, DateTimeOffset? Since) Signed() =>
        turn.Read().Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries) is [_, _, "turn", var pidText, var sinceText]
        && int.TryParse(pidText, NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
        && long.TryParse(sinceText, NumberStyles.None, CultureInfo.InvariantCulture, out var since)
            && since < DateTimeOffset.MaxValue.ToMicros()
            ? (pid, Instant.FromMicros(since))
            : (null, null);

    /// <summary>Closes the files, or leaves closing to the thread that is blocked on the files.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed) return;
            disposed = true;
            if (thread is null)
            {
                if (!held) Close();
            }
            else if (!inKernel)
            {
                wanted.Release();
            }

            FailAll(new ObjectDisposedException(nameof(WriteQueue)));
        }
    }

    void Close()
    {
        next.Dispose();
        turn.Dispose();
    }
}
