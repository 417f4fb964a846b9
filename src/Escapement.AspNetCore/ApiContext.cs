using Escapement.Engine;
using Escapement.Hosting;
using Escapement.Ledger;
using Escapement.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Escapement.AspNetCore;

/// <summary>What the routes share.</summary>
/// <param name="Scheduler">The scheduler over the store: the same in every process.</param>
/// <param name="Store">The store itself, for what only it tells.</param>
/// <param name="Options">The settings.</param>
/// <param name="Node">This process.</param>
/// <param name="Clock">All time.</param>
/// <param name="Stopping">The host's first sign of stopping.</param>
sealed record ApiContext(IScheduler Scheduler, IJobStore Store, EscapementOptions Options, ThisNode Node, TimeProvider Clock,
    CancellationToken Stopping)
{
    /// <summary>Reads them from the container.</summary>
    public static ApiContext From(IServiceProvider services) => new(
        services.GetRequiredService<IScheduler>(), services.GetRequiredService<IJobStore>(),
        services.GetRequiredService<EscapementOptions>(),
        services.GetRequiredService<ThisNode>(), services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);

    /// <summary>Why this process cannot see the jobs, and never answers with an empty list instead; null when it can.</summary>
    public Problem? Blind() => (Node.MemoryHolder(), Node.State) switch
    {
        ({ } holder, _) => new(409, ReasonText.MemoryStandby(holder.Pid, holder.Host, holder.Since)) { Reason = Reason.Standby },
        (_, NodeState.Refused refused) when !SeesStore(refused) => new(503, refused.Sentence) { Reason = refused.Because },
        _ when Node.StoreOutage is { } trouble =>
            new(503, new NodeState.Standby(Reason.StoreUnavailable, null, trouble).Sentence) { Reason = Reason.StoreUnavailable },
        _ => null,
    };

    /// <summary>Whether any process takes due runs.</summary>
    public async Task<bool> IsActiveAsync(CancellationToken cancellationToken)
    {
        if (Node.MemoryHolder() is not null) return true;
        return Blind() is null && (await Scheduler.StateAsync(cancellationToken)).IsActive;
    }

    // A process that may not schedule still opens a store that it shares; of one in memory it has only an empty one of its own.
    bool SeesStore(NodeState.Refused refused) => refused.Because is Reason.SwitchedOff or Reason.HostNotAllowed && Store.Place.Shared;
}
