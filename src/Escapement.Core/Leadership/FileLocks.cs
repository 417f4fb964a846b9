using Escapement.Ledger;

namespace Escapement.Leadership;

/// <summary>The locks of one machine: the lock file, and a folder beside it with a file for the life of each process.</summary>
static class FileLocks
{
    /// <summary>Opens the lock file and takes this process's life lock.</summary>
    /// <param name="lockFile">The lock file's full path. Its folder must exist, except the last level of a default place.</param>
    /// <param name="node">This process's id.</param>
    /// <param name="store">The store's file, if it has one: the lock file is none of its files, and new files have its rights.</param>
    /// <returns>The locks; the life lock is held.</returns>
    /// <exception cref="LockRefusedException">A file cannot be made there, or is not ours; the message names it.</exception>
    public static INodeLocks Open(string lockFile, string node, string? store = null)
    {
        CheckPlace(lockFile, store);
        FileLock? main = null;
        var rights = FileRights.Beside(store);
        try
        {
            main = FileLock.Create(lockFile, rights);
            var lives = lockFile + ".life";
            FileRights.CreateFolder(lives, rights);

            // Opened last: the kernel closes a dying process's files in the order of their descriptors, and the next one looks for this after that.
            var lifeFile = Path.Combine(lives, node);
            var life = FileLock.Create(lifeFile, rights);
            if (!life.TryTake())
            {
                throw new LockRefusedException(
                    $"The life lock '{lifeFile}' of this process is held by another. Node ids must be unique: report this.");
            }

            return new Locks(main, life, lifeFile);
        }
        catch (NotOwnFileException e)
        {
            main?.Dispose();
            throw Foreign(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Each of them names its path.
            main?.Dispose();
            throw new LockRefusedException(
                $"{e.Message} This process needs to write in that folder; SCHEDULER_LOCK_FILE sets another place.", e);
        }
    }

    /// <summary>Says before anything is made whether the lock's file can be used as it is.</summary>
    /// <exception cref="LockRefusedException">It cannot; the message names the file.</exception>
    public static void Check(string lockFile, string? store)
    {
        CheckPlace(lockFile, store);
        try
        {
            Flock.Open(lockFile, create: false)?.Dispose();
        }
        catch (NotOwnFileException e)
        {
            throw Foreign(e);
        }
    }

    static LockRefusedException Foreign(NotOwnFileException e) =>
        new($"{e.Message} Move it away, or set SCHEDULER_LOCK_FILE to another path.", e);

    static void CheckPlace(string lockFile, string? store)
    {
        if (Path.GetDirectoryName(lockFile) is { Length: > 0 } folder && !Directory.Exists(folder))
        {
            throw new LockRefusedException(
                $"The lock file '{lockFile}' cannot be made: the folder '{folder}' does not exist. Create it, or set SCHEDULER_LOCK_FILE to a path in a folder that does.");
        }

        if (Directory.Exists(lockFile))
            throw new LockRefusedException($"The lock file '{lockFile}' is a folder. Set SCHEDULER_LOCK_FILE to the path of a file.");
        if (store is not null && StoreFiles.Select(end => store + end).FirstOrDefault(file => IsSame(file, lockFile)) is { } its)
        {
            throw new LockRefusedException(
                $"The lock file '{lockFile}' is a file of the store: {its}. Set SCHEDULER_LOCK_FILE to the path of another file, or remove the setting.");
        }
    }

    /// <summary>How the names of a store's files end.</summary>
    static readonly string[] StoreFiles = ["", "-wal", "-shm", "-journal", ".next", ".turn", ".bells"];

    static bool IsSame(string file, string other) =>
        file == other || (FileIdentity.Of(file) is { } identity && FileIdentity.Of(other) == identity);

    /// <summary>Makes the folder of a default place, and no more than that one level: a mistyped path does not become a tree.</summary>
    /// <exception cref="LockRefusedException">It cannot be made; the message names it.</exception>
    public static void MakeFolder(string folder)
    {
        if (Directory.Exists(folder)) return;
        try
        {
            if (!Directory.Exists(Path.GetDirectoryName(folder)))
            {
                throw new DirectoryNotFoundException($"the folder '{Path.GetDirectoryName(folder)}' does not exist.");
            }

            FileRights.CreateFolder(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LockRefusedException($"The folder '{folder}' for the store and its lock cannot be made: {e.Message}", e);
        }
    }

    static DateTimeOffset? StartOf(int pid)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(pid);
            return process.StartTime.ToUniversalTime();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It ended in this moment, or is not ours to ask.
            return null;
        }
    }

    /// <param name="main">The lock file's lock.</param>
    /// <param name="life">This process's life lock, held.</param>
    /// <param name="lifeFile">The path of its file.</param>
    sealed class Locks(FileLock main, FileLock life, string lifeFile) : INodeLocks
    {
        public ILock Main => main;

        public ILock Life => life;

        public string? LifeLock => lifeFile;

        public bool FreeMeansGone => true;

        public long Session => 0;

        public ILock? LifeOf(NodeName node)
        {
            try
            {
                return node.LifeLock is { } path ? FileLock.Find(path) : null;
            }
            catch (IOException)
            {
                return null;
            }
        }

        public void Remove(NodeName node)
        {
            try
            {
                if (node.LifeLock is { } path && Path.GetFileName(path) == node.Id) File.Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is only litter: the next one to raise tries again.
            }
        }

        // The text is anyone's; the kernel knows who really has the lock. What it cannot tell (another container's process, other platforms) stays as it is written.
        public LockHolder? Holder()
        {
            var written = LockHolder.Parse(main.Read());
            return main.KernelHolder() is not { } pid || written?.Pid == pid
                ? written
                : StartOf(pid) is { } since ? new(pid, Environment.MachineName, since, "", main.Path, 0) : null;
        }

        public void Write(LockHolder holder) => main.Write((holder with { Epoch = Math.Max(holder.Epoch, Floor()) }).ToText());

        public long Floor() => LockHolder.Parse(main.Read())?.Epoch ?? 0;

        public void Touch(DateTimeOffset now)
        {
            life.Touch(now);
            main.Touch(now);
        }
    }
}

/// <summary>The lock cannot be used where the settings put it; the start stops. The message names the place and what to do.</summary>
public sealed class LockRefusedException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The message alone: it is written for who reads the log of a start that failed.</summary>
    public override string ToString() => Message;
}
