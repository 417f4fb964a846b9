using Escapement.Cli;

try
{
    return CommandLine.Run(args, TimeProvider.System);
}
catch (IOException failure) when (StandardOutput.IsClosedPipe(failure))
{
    // The reader of the output is satisfied: `escapement next ... | head`.
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
        // Standard error itself may be unavailable.
    }

    return ExitCode.WrongCommandLine;
}
