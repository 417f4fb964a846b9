namespace Escapement.Cli;

/// <summary>The exit codes of all commands.</summary>
static class ExitCode
{
    public const int Done = 0;

    /// <summary>The answer is bad news.</summary>
    public const int BadNews = 1;

    public const int WrongCommandLine = 2;

    /// <summary>As the shell reports a process that SIGPIPE ended.</summary>
    public const int ClosedPipe = 141;

    /// <summary>At the end of every help. 130 is the runtime's own answer to an interrupt.</summary>
    public const string Help = """
        Exit codes:
          0    done
          1    the answer is bad news: lint found an error
          2    wrong command line, or an input that cannot be read
          130  interrupted (Ctrl+C)
          141  who read the answers has closed the pipe
        """;
}
