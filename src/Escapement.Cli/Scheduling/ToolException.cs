namespace Escapement.Cli.Scheduling;

/// <summary>Ends a command with an exit code and a sentence on standard error.</summary>
sealed class ToolException(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The exit code.</summary>
    public int ExitCode { get; } = exitCode;
}
