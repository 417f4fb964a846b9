using Escapement.Leadership;
using Escapement.Stores;

namespace Escapement.Hosting;

/// <summary>Finds settings that have no effect over the store, for example after a change of the store.</summary>
static class UnusedKeys
{
    /// <summary>Returns a sentence for each key.</summary>
    public static IEnumerable<string> Of(EscapementOptions options, IJobStore store)
    {
        if (options.LockFile is not null && store is ILifeLockStore)
            yield return $"LOCK_FILE is set, but the store {store.Place.Name} is a database, which decides without a lock file. The key is ignored.";
    }
}
