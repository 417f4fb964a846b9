using Escapement.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Escapement.Core.Tests.Jobs;

public class ClassHandlerTests
{
    sealed class Box
    {
        public List<string> Seen { get; } = [];
    }

    sealed class Plain(Box box) : IJobHandler
    {
        public Task RunAsync(JobContext context, CancellationToken cancellationToken)
        {
            box.Seen.Add(context.Arguments.Args);
            return Task.CompletedTask;
        }
    }

    sealed record MailArgs(string To, int Copies = 1)
    {
        public required string Subject { get; init; }
    }

    sealed class Mail(Box box) : IJobHandler<MailArgs>
    {
        public Task RunAsync(MailArgs args, JobContext context, CancellationToken cancellationToken)
        {
            box.Seen.Add($"{args.To} {args.Copies} {args.Subject}");
            return Task.CompletedTask;
        }
    }

    static (ServiceProvider Provider, HandlerRegistry Handlers) Make()
    {
        var provider = new ServiceCollection().AddSingleton<Box>()
            .AddEscapementCore(scheduler => scheduler.Handler<Plain>("plain").Add<Mail>("mail", "0 9 * * *")
                .Kwargs(new { to = "a@b", subject = "s" })).BuildServiceProvider();
        return (provider, provider.GetRequiredService<HandlerRegistry>());
    }

    [Fact]
    public async Task A_class_is_made_with_its_services_and_gets_its_arguments()
    {
        var (provider, handlers) = Make();
        await using var _ = provider;
        await handlers.Get("plain").Run(HandlerBinderTests.Context("[1]"), provider, default);
        await handlers.Get("mail").Run(HandlerBinderTests.Context(kwargs: """{"to": "a@b", "subject": "s"}"""), provider, default);
        Assert.Equal(["[1]", "a@b 1 s"], provider.GetRequiredService<Box>().Seen);
    }

    [Theory]
    [InlineData("[]", """{"to": "a"}""", "have not been supplied: subject"), InlineData("[]", "{}", "have not been supplied: "),
        InlineData("[1]", """{"to": "a", "subject": "s"}""", "takes its arguments by name")]
    [InlineData("[]", """{"to": "a", "subject": "s", "cc": 1}""", "keyword arguments: cc"),
        InlineData("[]", """{"to": "a", "subject": "s", "copies": "many"}""", "$.copies")]
    public void What_does_not_fit_is_said(string args, string kwargs, string says)
    {
        var (provider, handlers) = Make();
        using var _ = provider;
        Assert.Contains(says, Assert.Throws<ArgumentMismatchException>(() => handlers.Get("mail").Check(new(args, kwargs))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_of_the_class_form_is_declared()
    {
        var (provider, _) = Make();
        using var __ = provider;
        Assert.Equal("mail",
            Assert.Single(provider.GetRequiredService<Escapement.Hosting.JobDeclarations>().Build(DateTimeOffset.UnixEpoch).Jobs).Handler);
    }
}
