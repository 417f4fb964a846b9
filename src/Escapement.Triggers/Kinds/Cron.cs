namespace Escapement.Triggers;

/// <summary>
/// Reads cron expressions: <c>Cron.Parse("0 9 * * mon-fri", "Asia/Shanghai").Next(DateTimeOffset.UtcNow)</c>.
/// </summary>
public static class Cron
{
    /// <summary>Reads a cron expression in a time zone.</summary>
    /// <param name="expression">
    /// Five fields, six fields with the second in front, or a word such as <c>@daily</c>.
    /// </param>
    /// <param name="zone">An IANA name in any case, or a Windows name.</param>
    /// <param name="jobId">
    /// The text from which <c>H</c> takes its value. An expression without <c>H</c> needs none.
    /// </param>
    /// <returns>The trigger. The same trigger can be used by several threads.</returns>
    /// <exception cref="CronFormatException">
    /// The expression cannot be read. The message shows the place, the value and the allowed values.
    /// </exception>
    /// <exception cref="ZoneNameException">There is no such zone. The message names the nearest zone.</exception>
    public static CronTrigger Parse(string expression, string zone, string? jobId = null)
    {
        ArgumentNullException.ThrowIfNull(zone);
        return Parse(expression, ZoneClock.Get(zone), jobId);
    }

    /// <inheritdoc cref="Parse(string, string, string?)"/>
    public static CronTrigger Parse(string expression, ZoneClock zone, string? jobId = null)
    {
        ArgumentNullException.ThrowIfNull(expression);
        ArgumentNullException.ThrowIfNull(zone);
        return new(CronDefinition.FromExpression(expression, jobId), zone);
    }
}
