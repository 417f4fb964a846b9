using Escapement.Ledger;

namespace Escapement.Leadership;

/// <summary>The locks of a machine: the lock file, and a folder beside the lock file with a life lock file for each
/// process.</summary>
static class FileLocks
{
    /// <summary>Opens the lock file and takes this process's life lock.</summary>
    /// <param name="lockFile">The lock file's full path. Its folder must exist, except for the last level of the
    /// default path.</param>
    /// <param name="node">This process's id.</param>
    /// <param name="store">The store's file, or null. The lock file must not be one of the store's files, and new files
    /// get the access rights of the store.</param>
    /// <returns>The locks, with the life lock held.</returns>
    /// <exception cref="LockRefusedException">A file cannot be created, or belongs to another program. The message
    /// names the file.</exception>
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

            // Opened last: the kernel closes the files of a dying process in descriptor order, and a standby checks
            // this lock after taking the main
            // lock.
            var lifeFile = Path.Combine(lives, node);
            var life = FileLock.Create(lifeFile, rights);
            if (!life.TryTake())
            {
                throw new LockRefusedException(
                    $"The life lock '{lifeFile}' of this process is held by another process. Node ids must be unique. Please report this error.");
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
            // Each message names its path.
            main?.Dispose();
            throw new LockRefusedException(
                $"{e.Message} This process needs write access to the folder. SCHEDULER_LOCK_FILE sets another path.", e);
        }
    }

    /// <summary>Checks whether the lock file is usable, before anything is created.</summary>
    /// <exception cref="LockRefusedException">The file is not usable. The message names the file.</exception>
    public static void Check(string lockFile, string? store)
    {
        CheckPlace(lockFile, store);
        try
        {
            OwnFile.Open(lockFile, create: false)?.Dispose();
        }
        catch (NotOwnFileException e)
        {
            throw Foreign(e);
        }
    }

    static LockRefusedException Foreign(NotOwnFileException e) =>
        new($"{e.Message} Move the file away, or set SCHEDULER_LOCK_FILE to another path.", e);

    static void CheckPlace(string lockFile, string? store)
    {
        if (Path.GetDirectoryName(lockFile) is { Length: > 0 } folder && !Directory.Exists(folder))
        {
            throw new LockRefusedException(
                $"The lock file '{lockFile}' cannot be created: the folder '{folder}' does not exist. Create the folder, or set SCHEDULER_LOCK_FILE to a path in an existing folder.");
        }

        if (Directory.Exists(lockFile))
            throw new LockRefusedException($"The lock file '{lockFile}' is a folder. Set SCHEDULER_LOCK_FILE to the path of a file.");
        if (store is not null && StoreFiles.Select(end => store + end).FirstOrDefault(file => IsSame(file, lockFile)) is { } its)
        {
            throw new LockRefusedException(
                $"The lock file '{lockFile}' is a file of the store: {its}. Set SCHEDULER_LOCK_FILE to the path of another file, or remove the setting.");
        }
    }

    /// <summary>The suffixes of a store's files.</summary>
    static readonly string[] StoreFiles = ["", "-wal", "-shm", "-journal", ".next", ".turn", ".notify"];

    static bool IsSame(string file, string other) =>
        file == other || (FileIdentity.Of(file) is { } identity && FileIdentity.Of(other) == identity);

    /// <summary>Creates the folder of a default path, but only its last level, so that a mistyped path creates no
    /// tree.</summary>
    /// <exception cref="LockRefusedException">The folder cannot be created. The message names the folder.</exception>
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
            throw new LockRefusedException($"The folder '{folder}' for the store and its lock cannot be created: {e.Message} Set SCHEDULER_STORE to a file in a folder that the user {Environment.UserName} may write.", e);
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
            // The process has just ended, or access is denied.
            return null;
        }
    }

    /// <param name="main">The lock of the lock file.</param>
    /// <param name="life">This process's life lock, held.</param>
    /// <param name="lifeFile">The path of the life lock file.</param>
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
                // The file is harmless. The next takeover tries again.
            }
        }

        // Any process may write the text, but the kernel knows the real holder. If the kernel's table is not
        // conclusive (another container,
        // another platform), the text is used.
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

/// <summary>Thrown if the lock is not usable at its configured path, so that the start fails. The message names the
/// path and the remedy.</summary>
public sealed class LockRefusedException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Returns only the message, which is written for the log of a failed start.</summary>
    public override string ToString() => Message;
}
