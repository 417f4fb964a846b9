namespace Escapement.Stores;

/// <summary>The store is currently unavailable. The operation had no effect and can be retried.</summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>This program must not, or cannot, use this store. Retrying does not help.</summary>
public sealed class StoreRefusedException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Returns only the message, which is written for the log of a failed start.</summary>
    public override string ToString() => Message;

    /// <summary>Returns the exception for the file of a store that this process can read and not write.</summary>
    /// <param name="path">The file.</param>
    /// <param name="inner">The failure of the database; null if the rights of the file were checked.</param>
    public static StoreRefusedException OnlyReadable(string path, Exception? inner = null) => new(
        $"The store {path} is read-only for the user {Environment.UserName}. Its file and its folder must be writable: chmod u+w, or chown {Environment.UserName}. Or set SCHEDULER_STORE to a file in a writable folder.", inner);
}
