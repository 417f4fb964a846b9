namespace Escapement.Cli;

/// <summary>The exit codes of all commands.</summary>
static class ExitCode
{
    public const int Done = 0;

    /// <summary>The result is negative, such as an error found by lint, or an account that does not balance.</summary>
    public const int BadNews = 1;

    public const int WrongCommandLine = 2;

    /// <summary>No scheduler and no store answers, or what answers is none.</summary>
    public const int NoScheduler = 3;

    /// <summary>The scheduler asks for a password, or refuses the caller.</summary>
    public const int NotAllowed = 4;

    /// <summary>There is no such job or run.</summary>
    public const int NotFound = 5;

    /// <summary>The job was changed meanwhile.</summary>
    public const int Changed = 6;

    public const int Interrupted = 130;

    /// <summary>The shell's exit code for a process ended by SIGPIPE.</summary>
    public const int ClosedPipe = 141;

    /// <summary>The text at the end of every help. For <c>next</c>, <c>explain</c> and <c>lint</c>, 130 is the runtime's own exit
    /// code after an interrupt.</summary>
    public const string Help = """
        Exit codes:
          0    done
          1    the answer is bad news: lint found an error, audit does not balance, or the
               run did not succeed
          2    wrong command line, or an input that cannot be read
          3    no scheduler or store answers, or it is not one
          4    not signed in, or not allowed
          5    no such job or run
          6    no effect: changed meanwhile, or held by another pause
          130  interrupted (Ctrl+C)
          141  the reader of the output closed the pipe
        """;
}
