namespace Escapement.Triggers.PropertyTests;

/// <summary>All zones of this machine, with any version of its zone data.</summary>
static class MachineZones
{
    public static readonly long Begin = Unix(1970);
    public static readonly long End = Unix(2038);

    // The list includes the aliases, which the list of .NET omits.
    public static IReadOnlyList<MachineZone> All { get; } = [.. (ZoneFiles.Exist ? ZoneFiles.All.Where(name =>
        ZoneFiles.Find(name) is not null) : TimeZoneInfo.GetSystemTimeZones().Where(zone => zone.HasIanaId).Select(zone => zone.Id))
        .Order(StringComparer.Ordinal)
        .Select(name => new MachineZone(TimeZoneInfo.FindSystemTimeZoneById(name), ZoneClock.Get(name)))];

    public static long Unix(int year) => new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
}

/// <summary>A zone as seen by .NET and by Escapement.</summary>
sealed record MachineZone(TimeZoneInfo System, ZoneClock Clock)
{
    /// <summary>Gets the changes of the offset from 1970 to 2037.</summary>
    public IReadOnlyList<ZoneSpan> Changes { get; } = [.. ChangesOf(Clock)];

    /// <summary>
    /// Gets the instants, in seconds since 1970, at which .NET knows the offsets, but not the
    /// skipped or repeated wall times: where winter time is the exception, where a day was skipped,
    /// and where only the name of the offset changed. Cronos relies on .NET at these instants.
    /// </summary>
    public IReadOnlyList<long> Misread { get; } = [.. WrittenChanges(Clock)
        .Where(at => at >= MachineZones.Begin && at < MachineZones.End && IsMisread(System, Clock, at))];

    public override string ToString() => Clock.Name;

    static IEnumerable<ZoneSpan> ChangesOf(ZoneClock clock)
    {
        for (var span = clock.SpanAt(MachineZones.Begin); span.End < MachineZones.End;)
        {
            span = clock.SpanAt(span.End);
            yield return span;
        }
    }

    // The changes include the entries of the file with an unchanged offset.
    static IEnumerable<long> WrittenChanges(ZoneClock clock) =>
        ChangesOf(clock).Select(span => span.Start).Union(ZoneFiles.Read(clock.Name)?.Changes.Select(change => change.At) ?? []);

    static bool IsMisread(TimeZoneInfo system, ZoneClock clock, long change)
    {
        var (before, after) = (clock.SpanAt(change - 1).Offset, clock.SpanAt(change).Offset);
        var (low, high) = (change + Math.Min(before, after), change + Math.Max(before, after));
        foreach (var wall in new[] { low - 1800, low - 1, low, low + ((high - low) / 2), high - 1, high, high + 1800 })
        {
            var local = DateTime.SpecifyKind(DateTime.UnixEpoch.AddSeconds(wall), DateTimeKind.Unspecified);
            var kind = clock.FromWall(local).Kind;
            if (system.IsInvalidTime(local) != (kind == WallTimeKind.Skipped)
                || system.IsAmbiguousTime(local) != (kind == WallTimeKind.Repeated))
            {
                return true;
            }
        }

        return false;
    }
}
