using System.Runtime.CompilerServices;

namespace Escapement.Triggers.Tests;

/// <summary>Pins the zones to a single release of the zone data, regardless of the machine.</summary>
static class ZoneData
{
    public static readonly string Directory = Path.Combine(AppContext.BaseDirectory, "Vectors", "zones");

    public static IEnumerable<string> Names => System.IO.Directory.EnumerateFiles(Directory, "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Directory, path).Replace('\\', '/'))
        .Where(name => name != "zone.tab")
        .Order(StringComparer.Ordinal);

#pragma warning disable CA2255 // The zones must be set before any test, and before .NET reads its own zone data.
    [ModuleInitializer]
    internal static void Use() => Environment.SetEnvironmentVariable("TZDIR", Directory);
#pragma warning restore CA2255
}
