using Escapement.Engine;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Escapement.Hosting;

/// <summary>Applies changes of the jobs in the settings while the program runs, or rejects an invalid change with a line in
/// the log.</summary>
/// <remarks>Every process of the program watches its own settings. The active process brings the stored jobs in
/// line.</remarks>
sealed class JobSettingsWatch(
    IConfiguration? configuration, EscapementOptions options, JobDeclarations declarations, ThisNode node, TimeProvider clock,
    ILoggerFactory logs) : IHostedService, IDisposable
{
    readonly ILogger log = SafeLog.Over(logs.CreateLogger("Escapement"));
    readonly Lock gate = new();
    IDisposable? watching;
    string applied = JobDeclarations.TextOf(options.Jobs, options.JobOverrides);
    string? told;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (configuration is null) return Task.CompletedTask;
        watching = ChangeToken.OnChange(configuration.GetReloadToken, Reload);

        // A change since the settings were read raised no event for this watch.
        Reload();
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
                var text = JobDeclarations.TextOf(read.Jobs, read.JobOverrides);
                told = text == applied ? null : told;
                if (text == applied) return;
                declarations.Replace(read.Jobs, read.JobOverrides, clock.GetUtcNow());
                (applied, told) = (text, null);
                foreach (var remark in read.Remarks.Except(options.Remarks)) Log.Remark(log, remark);
                Log.JobsReloaded(log);
                node.Node?.Redeclare();
            }
            catch (Exception e)
            {
                // A file is often written in several steps, and each step reloads the settings.
                var message = Failure.MessageOf(e);
                if (message == told) return;
                told = message;
                Log.ReloadRejected(log, message);
            }
        }
    }
}
