using System.Globalization;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>Where writers of one store wait for their turn: in the kernel, on the lock files <c>next</c> and <c>turn</c>, and in the order in which they came.</summary>
/// <remarks>
/// SQLite's own way is to sleep and try again, so that a busy writer starves the others for seconds; with one lock file, who lets it go takes it again
/// before the woken one runs. With two, whoever waits for the turn has <c>next</c>, and the busy writer queues behind it.
/// </remarks>
sealed class WriteQueue : IDisposable
{
    const string Next = ".next", Turn = ".turn";

    /// <summary>Of the text in the turn's file, which is written in place and always as long.</summary>
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

    /// <exception cref="StoreRefusedException">A lock file is not ours to write.</exception>
    /// <exception cref="IOException">A lock file cannot be opened for writing.</exception>
    public WriteQueue(string store, TimeSpan limit, TimeProvider clock)
        : this(store, limit, clock, path => Flock.Open(path, create: true, FileRights.Beside(store))!)
    {
    }

    /// <summary>Queues on files that are opened in the given way, which creates a missing file.</summary>
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

    /// <summary>Says before anything is made whether the queue's files can be used as they are.</summary>
    /// <exception cref="StoreRefusedException">One cannot; the message names the file.</exception>
    public static void Check(string store)
    {
        try
        {
            foreach (var end in (string[])[Next, Turn]) Flock.Open(store + end, create: false)?.Dispose();
        }
        catch (NotOwnFileException e)
        {
            throw Foreign(store, e);
        }
    }

    static StoreRefusedException Foreign(string store, NotOwnFileException e) =>
        new($"The store {store} cannot be opened: {e.Message} Move it away, or give STORE another path.", e);

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

    /// <summary>Goes over to the files that are at their places now: those who open the store later queue there. Called by who has just let the turn go.</summary>
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
            // Out of reach: the queue is only the order of the writers, and the lock of SQLite itself keeps them apart.
        }
    }

    /// <summary>Waits for the turn; <see cref="Release"/> gives it up.</summary>
    /// <exception cref="StoreUnavailableException">Another process had it for longer than the limit; the message names it.</exception>
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
            // Given in the same moment: then it is ours.
            if (!Withdraw(mine)) return;
            if (e is OperationCanceledException) throw;
            throw new StoreUnavailableException(Held(), e);
        }
    }

    /// <summary>Gives the turn to who waits in this process, or to another process.</summary>
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

    // Never past others who wait: next is taken first, and kept by the thread if the turn is not free.
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

    /// <summary>Gives up the place in line after a fault. Kept, it would hold up the other processes until this process writes again.</summary>
    void UnlockNext()
    {
        try
        {
            next.Unlock();
        }
        catch (IOException)
        {
            // The fault was in locking this very file.
        }
    }

    StoreUnavailableException Faulty(IOException fault) => new($"The store {store} cannot be written now: {fault.Message}", fault);

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
                    // Who still writes closes them with its turn.
                    if (!held) Close();
                    return;
                }

                if (fault is not null)
                {
                    FailAll(Faulty(fault));
                    continue;
                }

                if (waiters.Count > 0) Give();
                // A wait that is no longer wanted gives the lock up the moment it gets it.
                else turn.Unlock();
            }
        }
    }

    /// <summary>Waits in the kernel; this is a thread of its own, on which an exception would end the process.</summary>
    IOException? LockBoth()
    {
        try
        {
            if (Volatile.Read(ref disposed)) return null;

            // Next may be held from the try: to lock what this open file has locked already does nothing.
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

    // For the others' messages: who has the turn, and since when.
    void Sign()
    {
        try
        {
            turn.Write(string.Create(CultureInfo.InvariantCulture,
                $"{OwnFile.Mark}turn {Environment.ProcessId} {clock.GetUtcNow().ToMicros()}").PadRight(Width - 1) + "\n");
        }
        catch (IOException)
        {
            // The disk is full, perhaps: the turn holds all the same, and the text is only for people.
        }
    }

    /// <summary>Who has the turn, since when, and what to do.</summary>
    string Held()
    {
        int? writer;
        DateTimeOffset? since;
        lock (gate) (writer, since) = Signed();

        // The kernel knows better than a text that anyone can write. A process that is stopped in line, with "next" alone, holds up all behind it as well.
        var pid = Holder(turn) ?? Holder(next) ?? writer;

        // Who has the turn may wait itself: for a writer that does not queue.
        if (SqliteFaults.Locker(store) is { } locker && locker != pid) return SqliteFaults.Locked(store);
        var prefix = string.Create(CultureInfo.InvariantCulture,
            $"The store {store} could not be written for {limit.TotalSeconds:0.#} s: ");
        if (pid is not { } known) return prefix + "another process has the write turn and does not say who it is.";
        var begun = known == writer && since is { } at ? $" since {at:u}" : "";
        if (known == Environment.ProcessId) return prefix + $"an earlier write of this process goes on{begun}. Look at its disk.";
        return prefix + $"{SqliteFaults.Who(known)} has the write turn{begun}. {SqliteFaults.ResumeAdvice(known)}";
    }

    static int? Holder(Flock file) => FileIdentity.Of(file.Path) is { } there ? KernelLocks.Holder("FLOCK", there) : null;

    /// <summary>What the turn's text says, if it is such a text.</summary>
    (int? Pid, DateTimeOffset? Since) Signed() =>
        turn.Read().Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries) is [_, _, "turn", var pidText, var sinceText]
        && int.TryParse(pidText, NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
        && long.TryParse(sinceText, NumberStyles.None, CultureInfo.InvariantCulture, out var since)
            && since < DateTimeOffset.MaxValue.ToMicros()
            ? (pid, Instant.FromMicros(since))
            : (null, null);

    /// <summary>Closes the files, or leaves that to the thread that is blocked on them.</summary>
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
