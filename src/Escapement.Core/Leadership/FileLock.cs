namespace Escapement.Leadership;

/// <summary>A file whose lock one process holds. The file is never deleted by its users, except a gone process's life lock.</summary>
/// <remarks>
/// The waiting thread is blocked in the kernel, so the holder's end wakes exactly one waiter. It cannot be called back:
/// a wait that is no longer wanted gives the lock up the moment it gets it.
/// </remarks>
sealed class FileLock : ILock
{
    readonly Lock gate = new();
    readonly string path;
    readonly Func<Flock?> open;
    Flock? file;
    bool waiting, disposed;
    CancellationToken wanted;
    TaskCompletionSource? taken;

    /// <summary>Opens the file; the lock is not taken yet.</summary>
    /// <exception cref="NotOwnFileException">It is not ours to write.</exception>
    /// <exception cref="IOException">It cannot be opened for writing.</exception>
    public static FileLock Create(string path, UnixFileMode rights = FileRights.Owner) =>
        Open(path, () => Flock.Open(path, create: true, rights))!;

    /// <summary>Opens a file that exists; null when it does not.</summary>
    public static FileLock? Find(string path) => Open(path, () => Flock.Open(path, create: false));

    /// <summary>Opens a file in the given way, at first and again each time that it was replaced; null if it is missing.</summary>
    internal static FileLock? Open(string path, Func<Flock?> open) => open() is { } file ? new(path, open, file) : null;

    FileLock(string path, Func<Flock?> open, Flock file) => (this.path, this.open, this.file) = (path, open, file);

    /// <summary>Where it lies.</summary>
    public string Path => path;

    public bool Held { get; private set; }

    public bool TryTake()
    {
        lock (gate)
        {
            if (Held || waiting || disposed) return Held;
            while (file!.TryLock())
            {
                // A file that is gone has no successor to lock: who held this one has let it go all the same.
                if (file.IsAtPath() || !OpenAnew()) return Held = true;
            }

            return false;
        }
    }

    public Task TakeAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled(cancellationToken);
        if (TryTake()) return Task.CompletedTask;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
            wanted = cancellationToken;
            var mine = taken;
            var cancelled = cancellationToken.Register(() => mine.TrySetCanceled(cancellationToken));
            _ = mine.Task.ContinueWith(_ =>
                cancelled.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            if (!waiting)
            {
                waiting = true;
                new Thread(Wait) { IsBackground = true, Name = $"escapement lock {System.IO.Path.GetFileName(path)}" }.Start();
            }

            return taken.Task;
        }
    }

    void Wait()
    {
        Flock current;
        lock (gate) current = file!;
        while (true)
        {
            try
            {
                current.Lock();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                lock (gate)
                {
                    waiting = false;
                    taken?.TrySetException(e);
                    if (disposed) current.Dispose();
                }

                return;
            }

            lock (gate)
            {
                // The file at the path may be another one by now; only the lock of that one counts.
                if (!disposed && !current.IsAtPath() && OpenAnew())
                {
                    current = file!;
                    continue;
                }

                waiting = false;
                if (disposed || wanted.IsCancellationRequested)
                {
                    current.Unlock();
                    if (disposed) current.Dispose();
                    return;
                }

                Held = true;
                taken!.TrySetResult();
                return;
            }
        }
    }

    /// <summary>Takes the file that is at the path now in place of the one that was opened; false where there is none any more, or none can be made.</summary>
    bool OpenAnew()
    {
        Flock? other;
        try
        {
            other = open();
        }
        catch (IOException)
        {
            // Its folder is gone, say. On the waiting thread this would end the process; the lock of the old file alone proves nothing anyway.
            return false;
        }

        if (other is null) return false;
        file!.Dispose();
        file = other;
        return true;
    }

    public void Release()
    {
        lock (gate)
        {
            if (!Held) return;
            Held = false;
            file!.Unlock();
        }
    }

    public bool WasReplaced()
    {
        lock (gate)
        {
            if (!Held || disposed || file!.IsAtPath()) return false;
            Held = false;
            return OpenAnew();
        }
    }

    /// <summary>The text in the file.</summary>
    public string Read()
    {
        lock (gate) return file?.Read() ?? "";
    }

    /// <summary>Writes the text in place.</summary>
    public void Write(string text)
    {
        lock (gate) file?.Write(text);
    }

    /// <summary>Who has the lock of the file that is open here, as the kernel knows it; null where it does not tell.</summary>
    public int? KernelHolder()
    {
        lock (gate) return !disposed && file?.Identity is { } identity ? KernelLocks.Holder("FLOCK", identity) : null;
    }

    /// <summary>Sets the file's time of last use.</summary>
    public void Touch(DateTimeOffset now)
    {
        lock (gate)
            if (!disposed) file?.Touch(now);
    }

    public void Dispose()
    {
        lock (gate)
        {
            if (disposed) return;
            disposed = true;
            Held = false;
            taken?.TrySetCanceled();
            // A thread blocked in the kernel still uses the descriptor; it closes it when it gets the lock.
            if (!waiting) file?.Dispose();
        }
    }
}
