using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Escapement.Hosting;

/// <summary>The scheduler's view of its host.</summary>
/// <param name="Lifetime">The lifetime, with the first sign of stopping.</param>
/// <param name="ContentRoot">The base of relative paths.</param>
/// <param name="ApplicationName">The program's name.</param>
/// <param name="Server">The type name of the web server, or null without a web server.</param>
/// <param name="Services">The scope factory for handler services.</param>
/// <param name="Clock">The time provider.</param>
/// <param name="Logs">The logger factory.</param>
sealed record HostContext(
    IHostApplicationLifetime Lifetime, string ContentRoot, string ApplicationName, string? Server, IServiceScopeFactory Services,
    TimeProvider Clock,
    ILoggerFactory Logs)
{
    /// <summary>True if a launcher started the process and logs the warnings that concern all workers.</summary>
    public bool IsWorker { get; init; }

    /// <summary>The control of the engine by a test, or null.</summary>
    public EngineControl? Control { get; init; }

    /// <summary>Resolves the objects from the container.</summary>
    public static HostContext From(IServiceProvider services)
    {
        var environment = services.GetRequiredService<IHostEnvironment>();
        return new(
            services.GetRequiredService<IHostApplicationLifetime>(), environment.ContentRootPath, environment.ApplicationName,
            ServerIn(services),
            services.GetRequiredService<IServiceScopeFactory>(), services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILoggerFactory>())
        {
            IsWorker = services.GetService<LaunchedWorker>() is not null,
            Control = services.GetService<EngineControl>(),
        };
    }

    // The core does not reference a web server. The interface name alone suffices to detect a host that never
    // serves.
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Where the type was trimmed away there is no web server.")]
    static string? ServerIn(IServiceProvider services) =>
        Type.GetType("Microsoft.AspNetCore.Hosting.Server.IServer, Microsoft.AspNetCore.Hosting.Server.Abstractions",
            throwOnError: false) is { } type
            ? services.GetService(type)?.GetType().Name
            : null;
}
