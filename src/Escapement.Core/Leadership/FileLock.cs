namespace Escapement.Leadership;

/// <summary>A lock on a file, held by a single process. The file is never deleted by its users, except for the life
/// lock of an ended process.</summary>
/// <remarks>
/// The waiting thread is blocked in the kernel, so the end of the holder wakes exactly one waiter. The wait cannot be
/// cancelled:
/// a cancelled wait releases the lock as soon as the lock is granted.
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

    /// <summary>Opens the file without taking the lock.</summary>
    /// <exception cref="NotOwnFileException">The file belongs to another program.</exception>
    /// <exception cref="IOException">The file cannot be opened for writing.</exception>
    public static FileLock Create(string path, UnixFileMode rights = FileRights.Owner) =>
        Open(path, () => OwnFile.Open(path, create: true, rights))!;

    /// <summary>Opens an existing file. Returns null if the file does not exist.</summary>
    public static FileLock? Find(string path) => Open(path, () => OwnFile.Open(path, create: false));

    /// <summary>Opens a file with the given function, now and after each replacement. Returns null if the file is
    /// missing.</summary>
    internal static FileLock? Open(string path, Func<Flock?> open) => open() is { } file ? new(path, open, file) : null;

    FileLock(string path, Func<Flock?> open, Flock file) => (this.path, this.open, this.file) = (path, open, file);

    /// <summary>The path of the file.</summary>
    public string Path => path;

    public bool Held { get; private set; }

    public bool TryTake()
    {
        lock (gate)
        {
            if (Held || waiting || disposed) return Held;
            while (file!.TryLock())
            {
                // A deleted file without a successor still counts: its former holder has released the lock.
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
                // The file at the path may have been replaced. Only the lock of the new file counts.
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

    /// <summary>Switches to the current file at the path. Returns false if the file is missing and cannot be
    /// created.</summary>
    bool OpenAnew()
    {
        Flock? other;
        try
        {
            other = open();
        }
        catch (IOException)
        {
            // For example, the folder was deleted. An exception would end the process on the waiting thread. The
            // lock of the old file proves nothing
            // anyway.
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

    /// <summary>Returns the text in the file.</summary>
    public string Read()
    {
        lock (gate) return file?.Read() ?? "";
    }

    /// <summary>Writes the text in place.</summary>
    public void Write(string text)
    {
        lock (gate) file?.Write(text);
    }

    /// <summary>Returns the holder of the opened file's lock from the kernel's lock table, or null if
    /// unknown.</summary>
    public int? KernelHolder()
    {
        lock (gate) return !disposed && file?.Identity is { } identity ? KernelLocks.Holder("FLOCK", identity) : null;
    }

    /// <summary>Sets the file's modification and access times.</summary>
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
            // A thread blocked in the kernel still uses the descriptor, and closes the descriptor when the lock is
            // granted.
            if (!waiting) file?.Dispose();
        }
    }
}
