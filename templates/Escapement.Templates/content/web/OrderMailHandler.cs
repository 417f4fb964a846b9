using Escapement;

namespace TemplateNamespace;

/// <summary>The arguments of the job <c>order-mail</c>.</summary>
public sealed record OrderMail(int OrderId, string To);

/// <summary>Sends the mail of an order. Each run has an instance and a service scope of its own.</summary>
public sealed class OrderMailHandler(ILogger<OrderMailHandler> log) : IJobHandler<OrderMail>
{
    public Task RunAsync(OrderMail args, JobContext context, CancellationToken cancellationToken)
    {
        log.LogInformation("Mail to {To} about order {Order}", args.To, args.OrderId);
        return Task.CompletedTask;
    }
}
