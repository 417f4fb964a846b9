using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Escapement.Hosting;

/// <summary>What the scheduler takes from its host.</summary>
/// <param name="Lifetime">Tells the first sign of stopping.</param>
/// <param name="ContentRoot">Where relative paths begin.</param>
/// <param name="ApplicationName">The program's name.</param>
/// <param name="Server">The type name of the web server; null when the host has none.</param>
/// <param name="Services">Where handlers' services come from.</param>
/// <param name="Clock">All time.</param>
/// <param name="Logs">All logs.</param>
sealed record HostContext(
    IHostApplicationLifetime Lifetime, string ContentRoot, string ApplicationName, string? Server, IServiceScopeFactory Services,
    TimeProvider Clock,
    ILoggerFactory Logs)
{
    /// <summary>Reads them from the container.</summary>
    public static HostContext From(IServiceProvider services)
    {
        var environment = services.GetRequiredService<IHostEnvironment>();
        return new(
            services.GetRequiredService<IHostApplicationLifetime>(), environment.ContentRootPath, environment.ApplicationName,
            ServerIn(services),
            services.GetRequiredService<IServiceScopeFactory>(), services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILoggerFactory>());
    }

    // The core knows no web server: only the name of its interface, to tell a host that will never serve.
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Where the type was trimmed away there is no web server.")]
    static string? ServerIn(IServiceProvider services) =>
        Type.GetType("Microsoft.AspNetCore.Hosting.Server.IServer, Microsoft.AspNetCore.Hosting.Server.Abstractions",
            throwOnError: false) is { } type
            ? services.GetService(type)?.GetType().Name
            : null;
}
