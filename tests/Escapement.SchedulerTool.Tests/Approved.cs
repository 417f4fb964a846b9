using System.Runtime.CompilerServices;

namespace Escapement.SchedulerTool.Tests;

/// <summary>Compares an output with an approved file in the folder <c>Approved</c>. With the environment variable
/// ESCAPEMENT_APPROVE=1 the file is rewritten.</summary>
static class Approved
{
    /// <summary>Returns an approved file.</summary>
    public static string Read(string name, [CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "Approved", name + ".txt"));

    /// <summary>Returns a page of the repository.</summary>
    public static string Page(string path, [CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", path));

    public static void Check(string name, string output, [CallerFilePath] string here = "")
    {
        var file = Path.Combine(Path.GetDirectoryName(here)!, "Approved", name + ".txt");
        if (Environment.GetEnvironmentVariable("ESCAPEMENT_APPROVE") == "1") File.WriteAllText(file, output);
        Assert.Equal(File.ReadAllText(file), output);
    }
}
