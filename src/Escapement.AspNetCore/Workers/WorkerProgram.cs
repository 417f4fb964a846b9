using System.Diagnostics;
using System.Text;

namespace Escapement.AspNetCore.Workers;

/// <summary>The command line of a worker.</summary>
/// <param name="File">The executable.</param>
/// <param name="Arguments">Its arguments.</param>
sealed record WorkerProgram(string File, IReadOnlyList<string> Arguments)
{
    /// <summary>Returns the command line of this program, in the form in which this process was started.</summary>
    /// <param name="arguments">The arguments in place of this process's own arguments.</param>
    /// <remarks>The kernel's command line begins with the part before the program's own arguments: nothing, or for
    /// example <c>exec --roll-forward Major app.dll</c>.</remarks>
    public static WorkerProgram ThisOne(IReadOnlyList<string> arguments)
    {
        var all = Encoding.UTF8.GetString(System.IO.File.ReadAllBytes("/proc/self/cmdline")).Split('\0')[..^1];
        var own = Environment.GetCommandLineArgs().Length - 1;
        return new(Environment.ProcessPath!, [.. all[1..^own], .. arguments]);
    }

    /// <summary>Starts the worker with the output of this process.</summary>
    public Process Start(string link, IReadOnlyList<string> urls)
    {
        var start = new ProcessStartInfo(File, Arguments) { UseShellExecute = false };
        WorkerVariables.Write(start.Environment, link, urls);
        return Process.Start(start)!;
    }
}
