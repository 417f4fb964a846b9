using Escapement.Jobs;
using Escapement.Stores;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Escapement.Hosting;

/// <summary>Registers the engine's services: this node, the scheduler over the store, and the hosted service.</summary>
static class EngineServices
{
    /// <summary>Registers the services. Called once for a service collection.</summary>
    public static void AddEngine(IServiceCollection services)
    {
        services.TryAddSingleton(provider =>
            new ThisNode(provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IJobStore>(),
                provider.GetService<EngineControl>()?.Name));
        services.TryAddSingleton<IScheduler>(provider => new StoreScheduler(
            provider.GetRequiredService<IJobStore>(), provider.GetRequiredService<HandlerRegistry>(),
            provider.GetRequiredService<EscapementOptions>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ThisNode>()));
        services.AddSingleton<IHostedService>(provider => new SchedulerService(
            HostContext.From(provider), provider.GetRequiredService<EscapementOptions>(), provider.GetRequiredService<IJobStore>(),
            provider.GetRequiredService<HandlerRegistry>(), provider.GetRequiredService<ThisNode>(),
                provider.GetRequiredService<JobDeclarations>().Build));
        services.AddSingleton<IHostedService>(provider => new JobSettingsWatch(
            provider.GetService<IConfiguration>(), provider.GetRequiredService<EscapementOptions>(),
            provider.GetRequiredService<JobDeclarations>(), provider.GetRequiredService<ThisNode>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
    }
}
