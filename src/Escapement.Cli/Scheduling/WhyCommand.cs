using System.CommandLine;

namespace Escapement.Cli.Scheduling;

/// <summary>The command <c>escapement why</c>: the account of a job in a time span, and each fire time that did not run, with
/// its cause.</summary>
static class WhyCommand
{
    public static Command Create(TimeProvider clock)
    {
        Argument<string> job = new("job") { Description = "The job." };
        Command command = new("why", "Says for each fire time of a job that did not run why it did not.") { job };
        SpanOptions span = new(command);
        SourceOptions options = new(command, clock);
        command.SetAction(parsed =>
        {
            var request = span.Read(parsed, clock);
            return options.Run(parsed, async (source, output, cancellationToken) =>
            {
                var answer = await source.WhyAsync(parsed.GetValue(job)!, request, cancellationToken);
                if (options.IsJson(parsed)) output.Document(Output.Json, answer.WriteTo);
                else new AccountText(output, request.Language).PrintJob(answer);
                return ExitCode.Done;
            });
        });
        return command;
    }
}
