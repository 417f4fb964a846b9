namespace Escapement.Triggers;

/// <summary>Triggers as the text that a user gives to <c>scheduler.Add</c>.</summary>
public static class TriggerText
{
    /// <summary>Reads a cron expression of five or six fields, or a word such as <c>@daily</c>.</summary>
    /// <exception cref="CronFormatException">It cannot be read; the message shows where.</exception>
    public static Trigger Parse(string text, TriggerContext context) => new CronTrigger(CronDefinition.FromExpression(text, context.JobId), context.Zone);
}
