using System.Reflection;
using Escapement;

namespace Samples.Tests;

/// <summary>A program under <c>samples/</c>.</summary>
static class Sample
{
    /// <summary>Starts a program with an own content root.</summary>
    /// <param name="name">The folder under <c>samples/</c>.</param>
    /// <param name="root">The content root.</param>
    /// <param name="arguments">The command line.</param>
    public static BackgroundProgram Start(string name, string root, params string[] arguments) =>
        Start(Folder(name), name, root, arguments);

    /// <summary>Starts a program of the tests with an own content root.</summary>
    /// <param name="name">The folder under <c>tests/</c>.</param>
    /// <param name="root">The content root.</param>
    /// <param name="arguments">The command line.</param>
    public static BackgroundProgram StartTest(string name, string root, params string[] arguments) =>
        Start(Path.Combine(Tests, "..", name), name, root, arguments);

    static BackgroundProgram Start(string folder, string name, string root, string[] arguments) => BackgroundProgram.Start(
        root, Path.Combine(folder, Metadata("Output"), name), ["--contentRoot", root, .. arguments]);

    /// <summary>Returns the folder of a program.</summary>
    public static string Folder(string name) => Path.Combine(Metadata("Samples"), name);

    /// <summary>Returns the lines of a file that contain code: no blank lines, comments or lines of brackets.</summary>
    public static IEnumerable<string> CodeLines(string file) => File.ReadLines(file)
        .Where(line => line.Any(char.IsLetterOrDigit) && !line.TrimStart().StartsWith("//", StringComparison.Ordinal));

    /// <summary>Returns the folder of the tests.</summary>
    public static string Tests => Metadata("Tests");

    static string Metadata(string key) =>
        typeof(Sample).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == key).Value!;
}
