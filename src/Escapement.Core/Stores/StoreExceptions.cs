namespace Escapement.Stores;

/// <summary>The store cannot be read or written now; what was asked has not been done, and can be asked again.</summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>This program must not, or cannot, use this store; asking again does not help.</summary>
public sealed class StoreRefusedException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The message alone: it is written for who reads the log of a start that failed.</summary>
    public override string ToString() => Message;

    /// <summary>A store's file that this process may not write.</summary>
    internal static StoreRefusedException OnlyReadable(string path, Exception? inner = null) => new(
        $"The store {path} can only be read by {Environment.UserName}. Its file and its folder must be writable: chmod u+w, or chown {Environment.UserName}.", inner);
}
