using Escapement.Jobs;
using Escapement.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Escapement.Hosting;

/// <summary>The engine's services: this node, the program's scheduler over the store, and their place in the host.</summary>
static class EngineServices
{
    /// <summary>Adds them; called once for a service collection.</summary>
    public static void AddEngine(IServiceCollection services)
    {
        services.TryAddSingleton(provider =>
            new ThisNode(provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IJobStore>()));
        services.TryAddSingleton<IScheduler>(provider => new StoreScheduler(
            provider.GetRequiredService<IJobStore>(), provider.GetRequiredService<HandlerRegistry>(),
            provider.GetRequiredService<EscapementOptions>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ThisNode>()));
        services.AddSingleton<IHostedService>(provider => new SchedulerService(
            HostContext.From(provider), provider.GetRequiredService<EscapementOptions>(), provider.GetRequiredService<IJobStore>(),
            provider.GetRequiredService<HandlerRegistry>(), provider.GetRequiredService<ThisNode>(),
                provider.GetRequiredService<JobDeclarations>().Build));
    }
}
