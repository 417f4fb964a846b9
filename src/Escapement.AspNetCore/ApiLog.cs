using Microsoft.Extensions.Logging;

namespace Escapement.AspNetCore;

/// <summary>The log events of the API.</summary>
static partial class ApiLog
{
    [LoggerMessage(300, LogLevel.Information, "The REST API is not served: SCHEDULER_API_ENABLED is false.")]
    public static partial void Disabled(ILogger logger);

    [LoggerMessage(301, LogLevel.Error, "The request {Method} {Path} failed.")]
    public static partial void Failed(ILogger logger, string method, string path, Exception exception);

    [LoggerMessage(302, LogLevel.Warning, "Job {Job}: {Remark}")]
    public static partial void Remark(ILogger logger, string job, string remark);
}
