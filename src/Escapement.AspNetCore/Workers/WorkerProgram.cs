using System.Diagnostics;
using System.Text;

namespace Escapement.AspNetCore.Workers;

/// <summary>How a worker is started.</summary>
/// <param name="File">The executable.</param>
/// <param name="Arguments">Its arguments.</param>
sealed record WorkerProgram(string File, IReadOnlyList<string> Arguments)
{
    /// <summary>This program again, in the way in which it was started itself.</summary>
    /// <param name="arguments">What it gets instead of its own arguments.</param>
    /// <remarks>The kernel's command line begins with what stands before the program's own arguments: nothing, or <c>exec --roll-forward Major app.dll</c> and the like.</remarks>
    public static WorkerProgram ThisOne(IReadOnlyList<string> arguments)
    {
        var all = Encoding.UTF8.GetString(System.IO.File.ReadAllBytes("/proc/self/cmdline")).Split('\0')[..^1];
        var own = Environment.GetCommandLineArgs().Length - 1;
        return new(Environment.ProcessPath!, [.. all[1..^own], .. arguments]);
    }

    /// <summary>Starts it; what it prints goes where this process's output goes.</summary>
    public Process Start(string link, IReadOnlyList<string> urls)
    {
        var start = new ProcessStartInfo(File, Arguments) { UseShellExecute = false };
        WorkerVariables.Write(start.Environment, link, urls);
        return Process.Start(start)!;
    }
}
