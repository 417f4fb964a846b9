namespace Escapement.AspNetCore.Workers;

/// <summary>The output of the launcher. The launcher is a program of its own, beside the log of its workers at the same
/// output.</summary>
sealed class WorkerOutput(TextWriter news, TextWriter faults)
{
#pragma warning disable RS0030 // The launcher runs in place of the program, before a log exists. Its lines are for the user.
    /// <summary>The standard output and error of the process.</summary>
    public static WorkerOutput Standard => new(Console.Out, Console.Error);
#pragma warning restore RS0030

    /// <summary>Writes an event.</summary>
    public void Tell(string line) => news.WriteLine(line);

    /// <summary>Writes an error.</summary>
    public void Fault(string line) => faults.WriteLine(line);
}
