using Escapement.Triggers;

namespace Escapement.Cli;

/// <summary>The machine's zone where <c>TZ</c> names it.</summary>
static class MachineZone
{
    /// <summary>What to say where <c>TZ</c> names no zone: UTC stands in for it, as everywhere in .NET. Null where it names one, or is not set.</summary>
    public static string? Remark(string? tz)
    {
        // A colon in front and a file instead of a name are POSIX's.
        var name = tz?.TrimStart(':');
        if (string.IsNullOrEmpty(name) || (Path.IsPathRooted(name) && File.Exists(name))) return null;
        try
        {
            ZoneName.Parse(name, out _);
            return null;
        }
        catch (ZoneNameException failure)
        {
            return ZoneClock.Local.Name is "UTC" ? $"TZ: {failure.Message} UTC is taken instead; --zone goes before it." : null;
        }
    }
}
