using System.Collections.Concurrent;

namespace Escapement.Triggers;

/// <summary>
/// Converts between instants and wall times of a time zone. Keeps the changes of the zone's offset as a sorted list, so
/// that a conversion takes a step or two.
/// </summary>
/// <remarks>
/// The changes come from the zone's TZif file, in the directory given by TZDIR or the system's directory. After the
/// last change in the file, the rule in the file's footer applies. Without a file, the changes come from
/// <see cref="TimeZoneInfo.GetUtcOffset(DateTimeOffset)"/>. Offsets are rounded to whole minutes, as
/// <see cref="DateTimeOffset"/> requires. Only local mean times, nearly all before 1970, have fractions of a minute.
/// Immutable and thread-safe. No conversion allocates.
/// </remarks>
public sealed class ZoneClock
{
    /// <summary>Coordinated universal time. Needs no zone data.</summary>
    public static readonly ZoneClock Utc = new("UTC", ZoneTable.Fixed(0));

    static readonly ConcurrentDictionary<string, ZoneClock> Known = new(StringComparer.Ordinal);
    static readonly Lazy<ZoneClock> LocalZone = new(ReadLocal);

    readonly ZoneTable table;

    ZoneClock(string name, ZoneTable table)
    {
        Name = name;
        this.table = table;
    }

    /// <summary>The machine's zone, by its IANA name.</summary>
    public static ZoneClock Local => LocalZone.Value;

    /// <summary>The IANA name, as written in the zone data.</summary>
    public string Name { get; }

    /// <summary>Returns the zone with a name. Each zone is read once.</summary>
    /// <param name="name">An IANA name, or a form that <see cref="ZoneName.Parse"/> corrects.</param>
    /// <exception cref="ZoneNameException">There is no such zone. The message names the nearest zone.</exception>
    public static ZoneClock Get(string name) => Get(name, out _);

    /// <summary>Returns the zone with a name, and a remark if the name was corrected.</summary>
    /// <param name="name">An IANA name, or a form that <see cref="ZoneName.Parse"/> corrects.</param>
    /// <param name="remark">A sentence on the correction for the log, or null if the name was right.</param>
    /// <exception cref="ZoneNameException">There is no such zone. The message names the nearest zone.</exception>
    public static ZoneClock Get(string name, out string? remark)
    {
        remark = null;
        if (Known.TryGetValue(name, out var known)) return known;
        var corrected = ZoneName.Parse(name, out remark);
        return Known.GetOrAdd(corrected, static name => name == "UTC" ? Utc : new(name, ZoneTable.Read(name)));
    }

    /// <summary>Returns the offset from UTC at an instant, in whole minutes.</summary>
    public TimeSpan OffsetAt(DateTimeOffset instant) => new(table.SpanAt(UnixTime.Floor(instant)).Offset * TimeSpan.TicksPerSecond);

    /// <summary>
    /// Returns the same instant with this zone's offset, or with offset 0 if the wall time would lie outside the years
    /// 1 to 9999.
    /// </summary>
    public DateTimeOffset ToZone(DateTimeOffset instant) => AtTicks(instant.UtcTicks) ?? instant.ToUniversalTime();

    /// <summary>Returns the instants at which clocks in this zone show a wall time.</summary>
    /// <param name="wall">The wall time. Its <see cref="DateTime.Kind"/> is ignored.</param>
    public WallTime FromWall(DateTime wall)
    {
        var seconds = Math.DivRem(wall.Ticks, TimeSpan.TicksPerSecond, out var fraction);
        var (kind, first, second) = table.Map(seconds - UnixTime.Epoch);
        // A skipped wall time becomes the instant at the end of the gap, so its fraction of a second does not exist
        // either.
        if (kind == WallTimeKind.Skipped) fraction = 0;
        return new(kind, At(first, fraction), At(second, fraction));
    }

    /// <summary>
    /// Returns the first instant after <paramref name="instant"/> at which the offset changes, or null if the offset
    /// never changes again.
    /// </summary>
    public DateTimeOffset? NextChange(DateTimeOffset instant)
    {
        var end = table.SpanAt(UnixTime.Floor(instant)).End;
        return end > UnixTime.Max ? null : AtSeconds(end);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal int MinOffset => table.MinOffset;

    internal int MaxOffset => table.MaxOffset;

    internal ZoneSpan SpanAt(long unixSeconds) => table.SpanAt(unixSeconds);

    /// <summary>All offsets of the zone at any time.</summary>
    internal IReadOnlyList<int> Offsets => table.DistinctOffsets;

    /// <summary>
    /// Returns an instant with the zone's offset, or null if the instant or the wall time lies outside the years 1 to
    /// 9999.
    /// </summary>
    internal DateTimeOffset? AtTicks(long utcTicks)
    {
        if (utcTicks < DateTime.MinValue.Ticks || utcTicks > DateTime.MaxValue.Ticks) return null;
        return WithOffset(utcTicks, table.SpanAt(UnixTime.FloorTicks(utcTicks)).Offset);
    }

    internal DateTimeOffset? AtSeconds(long unixSeconds)
    {
        if (unixSeconds < UnixTime.Min || unixSeconds > UnixTime.Max) return null;
        return WithOffset((unixSeconds + UnixTime.Epoch) * TimeSpan.TicksPerSecond, table.SpanAt(unixSeconds).Offset);
    }

    internal static DateTimeOffset? WithOffset(long utcTicks, int offsetSeconds)
    {
        var offset = offsetSeconds * TimeSpan.TicksPerSecond;
        var local = utcTicks + offset;
        // A single comparison checks both ends.
        if ((ulong)local > (ulong)DateTime.MaxValue.Ticks) return null;
        return new DateTimeOffset(local, new TimeSpan(offset));
    }

    DateTimeOffset At(long unixSeconds, long fraction)
    {
        var ticks = ((unixSeconds + UnixTime.Epoch) * TimeSpan.TicksPerSecond) + fraction;
        // At the edges of the calendar there is no such instant. The nearest instant is wrong by at most an offset.
        return ToZone(new DateTimeOffset(Math.Clamp(ticks, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks), TimeSpan.Zero));
    }

    static ZoneClock ReadLocal()
    {
        try
        {
            return Get(TimeZoneInfo.Local.Id);
        }
        catch (ZoneNameException)
        {
            // A zone made by the machine itself (a TZ rule, a bare /etc/localtime) has offsets, but no name that
            // another machine would know.
            return new(TimeZoneInfo.Local.Id, ZoneTable.Scan(TimeZoneInfo.Local));
        }
    }
}
