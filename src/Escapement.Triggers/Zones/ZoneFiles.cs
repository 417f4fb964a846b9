namespace Escapement.Triggers;

/// <summary>The directory of zone files on this machine, if there is one.</summary>
static class ZoneFiles
{
    // As .NET looks for them, so that both see the same zones.
    static readonly string[] UsualPlaces = ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo",
        "/var/db/timezone/zoneinfo", "/etc/zoneinfo"];

    static readonly Lazy<string?> Directory = new(Find);

    // The correctly written name of each file, by the name in any case.
    static readonly Lazy<Dictionary<string, string>> Names = new(List);

    /// <summary>Whether zones come from files here; else from .NET.</summary>
    public static bool Exist => Directory.Value is not null;

    /// <summary>All names, for corrections and suggestions.</summary>
    public static IReadOnlyCollection<string> All => Names.Value.Values;

    /// <summary>The file of a zone; null when there is none, or when it is not a zone's file.</summary>
    /// <param name="name">Checked by <see cref="ZoneName"/>: no path leads out of the directory.</param>
    public static TzifFile? Read(string name)
    {
        if (Directory.Value is not { } directory) return null;
        var path = Path.Combine(directory, name);
        if (!File.Exists(path)) return null;
        using var stream = File.OpenRead(path);
        // The largest zone has 4 KB; other files in the directory have more.
        if (stream.Length > 1 << 20) return null;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return TzifFile.Parse(bytes);
    }

    /// <summary>The name as the file system has it; null when there is no such zone in any case of letters.</summary>
    public static string? Find(string name)
    {
        if (Directory.Value is null) return null;
        // On Linux a file that opens has this very name; elsewhere the file system may have overlooked the case.
        if (OperatingSystem.IsLinux() && IsZone(name)) return name;
        return Names.Value.TryGetValue(name, out var written) && IsZone(written) ? written : null;
    }

    static bool IsZone(string name)
    {
        try
        {
            return Read(name) is not null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    static string? Find()
    {
        var named = Environment.GetEnvironmentVariable("TZDIR");
        if (!string.IsNullOrEmpty(named)) return System.IO.Directory.Exists(named) ? named : null;
        return UsualPlaces.FirstOrDefault(System.IO.Directory.Exists);
    }

    static Dictionary<string, string> List()
    {
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (Directory.Value is not { } directory) return names;
        try
        {
            foreach (var path in System.IO.Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
            {
                var name = Path.GetRelativePath(directory, path).Replace('\\', '/');
                if (ZoneName.IsWellFormed(name)) names[name] = name;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A folder that cannot be listed costs suggestions and corrections only; exact names are still opened.
            return names;
        }

        return names;
    }
}
