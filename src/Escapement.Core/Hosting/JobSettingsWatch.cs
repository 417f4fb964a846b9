using Escapement.Engine;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Escapement.Hosting;

/// <summary>Takes over changes of the jobs in the settings while the program runs, or refuses an invalid change with a
/// line in the log.</summary>
/// <remarks>Every process of the program watches its own settings. The active process brings the stored jobs in
/// line.</remarks>
sealed class JobSettingsWatch(
    IConfiguration? configuration, EscapementBuilder builder, JobDeclarations declarations, ThisNode node, TimeProvider clock,
    ILoggerFactory logs) : IHostedService, IDisposable
{
    readonly ILogger log = SafeLog.Over(logs.CreateLogger("Escapement"));
    readonly Lock gate = new();
    IDisposable? watching;
    string? told;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (configuration is not null) watching = ChangeToken.OnChange(configuration.GetReloadToken, Reload);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => watching?.Dispose();

    void Reload()
    {
        lock (gate)
        {
            try
            {
                var read = Settings.Read(configuration);
                builder.Apply(read);
                if (!declarations.Replace(read, clock.GetUtcNow())) return;
                told = null;
                Log.JobsReloaded(log);
                _ = node.Node?.RedeclareAsync();
            }
            catch (Exception e)
            {
                // A file is often written in several steps, and each step reloads the settings.
                var message = Failure.MessageOf(e);
                if (message == told) return;
                told = message;
                Log.ReloadRefused(log, message);
            }
        }
    }
}
