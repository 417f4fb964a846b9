namespace Escapement.Triggers;

/// <summary>Finds and reads the zone files of this machine, if there are any.</summary>
static class ZoneFiles
{
    // The same places in which .NET searches, so that both see the same zones.
    static readonly string[] UsualPlaces = ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo",
        "/var/db/timezone/zoneinfo", "/etc/zoneinfo"];

    /// <summary>Folders and files of zone data whose names do not mean the same zone everywhere.</summary>
    public static readonly IReadOnlyList<string> NotZones = ["posix", "right", "localtime", "posixrules", "Factory"];

    static readonly Lazy<string?> Directory = new(Find);

    // Maps a name in any case to the name of the file.
    static readonly Lazy<Dictionary<string, string>> Names = new(List);

    /// <summary>Whether this machine has zone files. Otherwise zones come from .NET.</summary>
    public static bool Exist => Directory.Value is not null;

    /// <summary>All names, for corrections and suggestions.</summary>
    public static IReadOnlyCollection<string> All => Names.Value.Values;

    /// <summary>
    /// Reads the file of a zone. Returns null if there is no such file, or if the file is not a zone file.
    /// </summary>
    /// <param name="name">A name checked by <see cref="IsWellFormed"/>, so that no path leads out of the directory.</param>
    public static TzifFile? Read(string name)
    {
        if (Directory.Value is not { } directory) return null;
        var path = Path.Combine(directory, name);
        if (!File.Exists(path)) return null;
        using var stream = File.OpenRead(path);
        // The largest zone has 4 KB. Larger files in the directory are not zones.
        if (stream.Length > 1 << 20) return null;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return TzifFile.Parse(bytes);
    }

    /// <summary>
    /// Returns the name as in the file system, or null if no zone has the name in any case of letters.
    /// </summary>
    public static string? Find(string name)
    {
        if (Directory.Value is null) return null;
        // On Linux, a file that can be opened has exactly this name. Other file systems may ignore the case.
        if (OperatingSystem.IsLinux() && IsZone(name)) return name;
        return Names.Value.TryGetValue(name, out var written) && IsZone(written) ? written : null;
    }

    /// <summary>
    /// Returns whether a text has only letters, digits and <c>_ + -</c> in parts between slashes, so that no path leads
    /// out of the directory of zones.
    /// </summary>
    public static bool IsWellFormed(string text)
    {
        if (text.Length is 0 or > 64 || NotZones.Contains(text.Split('/')[0], StringComparer.OrdinalIgnoreCase)) return false;
        return text.Split('/').All(part => part.Length > 0 && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '+' or '-'));
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
                if (IsWellFormed(name)) names[name] = name;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A folder that cannot be listed costs only suggestions and corrections. Exact names can still be opened.
            return names;
        }

        return names;
    }
}
