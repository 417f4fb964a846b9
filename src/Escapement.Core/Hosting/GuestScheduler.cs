using Escapement.Stores;

namespace Escapement.Hosting;

/// <summary>A scheduler for a program that reads and changes the store of another program and runs no job, such as the
/// <c>escapement</c> tool.</summary>
public static class GuestScheduler
{
    /// <summary>Returns a scheduler over an open store. The program does not become a node of the store.</summary>
    /// <remarks>Handlers, their arguments and executors are not checked, because only the programs of the nodes know
    /// them. A run with wrong arguments fails in its process.</remarks>
    /// <param name="store">The open store, which remains the property of the caller.</param>
    /// <param name="clock">The clock of this process.</param>
    /// <param name="options">The settings, such as the zone of new triggers, or null for the defaults.</param>
    public static IScheduler Over(IJobStore store, TimeProvider clock, EscapementOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(clock);
        return new StoreScheduler(store, handlers: null, options ?? new(), clock, new(clock, store) { StoreOutage = null });
    }
}
