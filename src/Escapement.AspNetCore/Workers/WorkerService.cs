using System.Globalization;
using System.Runtime.InteropServices;
using Escapement.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Escapement.AspNetCore.Workers;

/// <summary>Reports the worker's state to the launcher, and stops the worker when the launcher has ended.</summary>
sealed partial class WorkerService(LauncherLink link, WorkerSockets listening, IServiceProvider services)
    : IHostedLifecycleService, IDisposable
{
    readonly IHostApplicationLifetime lifetime = services.GetRequiredService<IHostApplicationLifetime>();
    readonly ILogger log = services.GetRequiredService<ILoggerFactory>().CreateLogger("Escapement");
    readonly List<IDisposable> watches = [];

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        watches.Add(lifetime.ApplicationStopping.Register(() => link.Tell(WorkerWord.Stopping)));

        // A closing terminal sends SIGHUP to all processes at once, and the host does not handle SIGHUP.
        watches.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            lifetime.StopApplication();
        }));
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called when all of the program has started, including its server.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{listening.OwnPort}");
        if (services.GetService<ThisNode>() is { } node) node.Url = url;
        link.Tell(WorkerWord.Ready + url);
        watches.Add(link.Gone.Register(() =>
        {
            LauncherGone(log);
            lifetime.StopApplication();
        }));
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => watches.ForEach(watch => watch.Dispose());

    [LoggerMessage(301, LogLevel.Warning, "The launcher of this worker has ended. The worker finishes its runs and ends.")]
    private static partial void LauncherGone(ILogger logger);
}
