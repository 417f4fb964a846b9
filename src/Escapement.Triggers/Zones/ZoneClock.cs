using System.Collections.Concurrent;

namespace Escapement.Triggers;

/// <summary>A time zone as a sorted list of the changes of its offset: instant to wall time and back in a step or two.</summary>
/// <remarks>
/// The changes come from the zone's TZif file (the directory that TZDIR names, else the system's), after its last change from the rule in the file's footer, and where
/// there is no such file from asking <see cref="TimeZoneInfo.GetUtcOffset(DateTimeOffset)"/>. Offsets are rounded to whole minutes, as <see cref="DateTimeOffset"/> wants
/// them; only local mean times, nearly all before 1970, have others. Immutable, thread-safe; no conversion allocates.
/// </remarks>
public sealed class ZoneClock
{
    /// <summary>Coordinated universal time, known without any data.</summary>
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

    /// <summary>The zone of a name. Each zone is read once.</summary>
    /// <param name="name">An IANA name, or a form that <see cref="ZoneName.Parse"/> corrects to one.</param>
    /// <exception cref="ZoneNameException">There is no such zone; the message names the nearest.</exception>
    public static ZoneClock Get(string name) => Get(name, out _);

    /// <summary>The zone of a name, with what was corrected in it.</summary>
    /// <param name="name">An IANA name, or a form that <see cref="ZoneName.Parse"/> corrects to one.</param>
    /// <param name="remark">A sentence when the name was corrected, for the log; else null.</param>
    /// <exception cref="ZoneNameException">There is no such zone; the message names the nearest.</exception>
    public static ZoneClock Get(string name, out string? remark)
    {
        remark = null;
        if (Known.TryGetValue(name, out var known)) return known;
        var corrected = ZoneName.Parse(name, out remark);
        return Known.GetOrAdd(corrected, static name => name == "UTC" ? Utc : new(name, ZoneTable.Read(name)));
    }

    /// <summary>The offset from UTC at an instant, in whole minutes.</summary>
    public TimeSpan OffsetAt(DateTimeOffset instant) => new(table.SpanAt(UnixTime.Floor(instant)).Offset * TimeSpan.TicksPerSecond);

    /// <summary>The same instant with this zone's offset; with offset 0 where the wall time would lie outside the years 1 to 9999.</summary>
    public DateTimeOffset ToZone(DateTimeOffset instant) => AtTicks(instant.UtcTicks) ?? instant.ToUniversalTime();

    /// <summary>The instants at which clocks in this zone show a wall time.</summary>
    /// <param name="wall">Its <see cref="DateTime.Kind"/> is not looked at.</param>
    public WallTime FromWall(DateTime wall)
    {
        var seconds = Math.DivRem(wall.Ticks, TimeSpan.TicksPerSecond, out var fraction);
        var (kind, first, second) = table.Map(seconds - UnixTime.Epoch);
        // A wall time that was skipped becomes the instant at which the clock went on; its fraction of a second does not exist either.
        if (kind == WallTimeKind.Skipped) fraction = 0;
        return new(kind, At(first, fraction), At(second, fraction));
    }

    /// <summary>The first instant after <paramref name="instant"/> at which the offset changes; null when it never does again.</summary>
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

    /// <summary>All offsets that the zone ever has.</summary>
    internal IReadOnlyList<int> Offsets => table.DistinctOffsets;

    /// <summary>An instant with the zone's offset; null when instant or wall time lie outside the years 1 to 9999.</summary>
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
        // One comparison for both ends.
        if ((ulong)local > (ulong)DateTime.MaxValue.Ticks) return null;
        return new DateTimeOffset(local, new TimeSpan(offset));
    }

    DateTimeOffset At(long unixSeconds, long fraction)
    {
        var ticks = ((unixSeconds + UnixTime.Epoch) * TimeSpan.TicksPerSecond) + fraction;
        // At the edges of the calendar there is no such instant; the nearest one is never wrong by more than an offset.
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
            // A zone of the machine's own making (a TZ rule, a bare /etc/localtime) has no name that another machine would know, but it has offsets.
            return new(TimeZoneInfo.Local.Id, ZoneTable.Scan(TimeZoneInfo.Local));
        }
    }
}
