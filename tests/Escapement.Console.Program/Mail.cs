namespace Escapement.Console.Program;

/// <summary>An unregistered service.</summary>
interface IMail
{
    void Send();
}

sealed class MailHandler(IMail mail) : IJobHandler
{
    public Task RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        mail.Send();
        return Task.CompletedTask;
    }
}
