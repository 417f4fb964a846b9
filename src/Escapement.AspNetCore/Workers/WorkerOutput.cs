namespace Escapement.AspNetCore.Workers;

/// <summary>Where the launcher's lines go: it is a program of its own, beside what its workers log to the same output.</summary>
sealed class WorkerOutput(TextWriter news, TextWriter faults)
{
#pragma warning disable RS0030 // The launcher runs instead of the program, before there is any log: its lines are for who started it.
    /// <summary>The process's own.</summary>
    public static WorkerOutput Standard => new(Console.Out, Console.Error);
#pragma warning restore RS0030

    /// <summary>Says what happens.</summary>
    public void Tell(string line) => news.WriteLine(line);

    /// <summary>Says why the launcher did not do as asked.</summary>
    public void Fault(string line) => faults.WriteLine(line);
}
