namespace Escapement.Cli;

/// <summary>The exit codes of all commands.</summary>
static class ExitCode
{
    public const int Done = 0;

    /// <summary>The result is negative, such as an error found by lint.</summary>
    public const int BadNews = 1;

    public const int WrongCommandLine = 2;

    /// <summary>The shell's exit code for a process ended by SIGPIPE.</summary>
    public const int ClosedPipe = 141;

    /// <summary>The text at the end of every help. 130 is the runtime's own exit code after an interrupt.</summary>
    public const string Help = """
        Exit codes:
          0    done
          1    the answer is bad news: lint found an error
          2    wrong command line, or an input that cannot be read
          130  interrupted (Ctrl+C)
          141  who read the answers has closed the pipe
        """;
}
