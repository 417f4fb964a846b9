using Escapement.Triggers;

namespace Escapement.Cli;

/// <summary>Checks the time zone in <c>TZ</c>.</summary>
static class MachineZone
{
    /// <summary>Returns a warning if <c>TZ</c> names no time zone, so that .NET falls back to UTC. Null if <c>TZ</c> is
    /// valid or not set.</summary>
    public static string? Remark(string? tz)
    {
        // POSIX allows a leading colon, and a file in place of a name.
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
