using Escapement.Hosting;
using Escapement.Ledger;
using Escapement.Stores;
using Escapement.Triggers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Escapement.AspNetCore;

/// <summary>The objects shared by all routes.</summary>
/// <param name="Scheduler">The scheduler over the store. All processes see the same state.</param>
/// <param name="Store">The store, for queries beyond the scheduler's interface.</param>
/// <param name="Options">The settings.</param>
/// <param name="Node">This process.</param>
/// <param name="Clock">The time provider.</param>
/// <param name="Stopping">Cancelled when the host begins to stop.</param>
sealed record ApiContext(IScheduler Scheduler, IJobStore Store, EscapementOptions Options, ThisNode Node, TimeProvider Clock,
    CancellationToken Stopping)
{
    /// <summary>Resolves the objects from the container.</summary>
    public static ApiContext From(IServiceProvider services) => new(
        services.GetRequiredService<IScheduler>(), services.GetRequiredService<IJobStore>(),
        services.GetRequiredService<EscapementOptions>(),
        services.GetRequiredService<ThisNode>(), services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);

    /// <summary>The time zone of triggers without a zone.</summary>
    public ZoneClock Zone => Options.Zone ?? ZoneClock.Local;

    /// <summary>Returns the problem if this process cannot see the jobs, or null if the jobs are visible. Such a process
    /// never answers with an empty list.</summary>
    public Problem? Blind() => Node.Blindness() is var (reason, sentence)
        ? new(reason == Reason.Standby ? 409 : 503, sentence) { Reason = reason }
        : null;

    /// <summary>Returns true if any process takes due runs.</summary>
    public async Task<bool> IsActiveAsync(CancellationToken cancellationToken)
    {
        if (Node.Blindness() is { Reason: Reason.Standby }) return true;
        return Blind() is null && (await Scheduler.StateAsync(cancellationToken)).IsActive;
    }
}
