using System.CommandLine;

namespace Escapement.Cli.Scheduling;

/// <summary>The command <c>escapement audit</c>: the account of all jobs in a time span. The exit code is 1 if the account does
/// not balance.</summary>
static class AuditCommand
{
    public static Command Create(TimeProvider clock)
    {
        Command command = new("audit", "Adds up the due fire times of all jobs against the records. Exit code 1 if they do not balance.");
        SpanOptions span = new(command);
        SourceOptions options = new(command, clock);
        command.SetAction(parsed =>
        {
            var request = span.Read(parsed, clock);
            return options.Run(parsed, async (source, output, cancellationToken) =>
            {
                var answer = await source.AuditAsync(request, cancellationToken);
                if (options.IsJson(parsed)) output.Document(Output.Json, answer.WriteTo);
                else new AccountText(output, request.Language).PrintAll(answer);
                return answer.Object("account").Is("balanced") ? ExitCode.Done : ExitCode.BadNews;
            });
        });
        return command;
    }
}
