namespace Escapement.Console.Program;

/// <summary>A service that the program does not register.</summary>
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
