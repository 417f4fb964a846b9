using Escapement;

namespace TemplateNamespace;

/// <summary>Writes the report. Each run has an instance and a service scope of its own.</summary>
public sealed class ReportHandler(ILogger<ReportHandler> log) : IJobHandler
{
    public Task RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        log.LogInformation("The report of {Day:d} is written.", context.FireTime);
        return Task.CompletedTask;
    }
}
