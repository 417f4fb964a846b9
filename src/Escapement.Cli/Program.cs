using System.CommandLine;
using Escapement.Cli;

var root = new RootCommand("The tool of Escapement, the job scheduler that runs each fire time once, or says why it did not.");
root.Add(NextCommand.Create(TimeProvider.System));

var command = root.Parse(args);
if (command.Errors.Count > 0)
{
    foreach (var error in command.Errors) Console.Error.WriteLine(error.Message);
    return ExitCode.WrongCommandLine;
}

try
{
    return command.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (IOException failure) when (StandardOutput.IsClosedPipe(failure))
{
    // Who reads our answers has what it wanted: `escapement next ... | head`.
    return ExitCode.ClosedPipe;
}
catch (IOException failure)
{
    Console.Error.WriteLine($"The answers cannot be written: {failure.Message}");
    return ExitCode.WrongCommandLine;
}
