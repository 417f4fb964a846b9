using Escapement.Cli;

try
{
    return CommandLine.Run(args, TimeProvider.System);
}
catch (IOException failure) when (StandardOutput.IsClosedPipe(failure))
{
    // Who reads our answers has what it wanted: `escapement next ... | head`.
    return ExitCode.ClosedPipe;
}
catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
{
    try
    {
        Console.Error.WriteLine($"The answers cannot be written: {failure.Message}");
    }
    catch (IOException)
    {
        // It may be standard error itself that takes nothing more.
    }

    return ExitCode.WrongCommandLine;
}
