namespace Escapement.Triggers;

/// <summary>Fires once.</summary>
public sealed class DateTrigger : Trigger
{
    /// <param name="at">The fire time, whole microseconds.</param>
    /// <param name="zone">In whose offset the answers are given.</param>
    /// <param name="showsZoneOffset">Whether REST shows the zone's offset: nobody gave one with the date.</param>
    public DateTrigger(DateTimeOffset at, ZoneClock zone, bool showsZoneOffset = false)
    {
        At = UnixTime.Truncate(at);
        Zone = zone;
        ShowsZoneOffset = showsZoneOffset;
    }

    /// <inheritdoc/>
    public override ZoneClock Zone { get; }

    /// <summary>The fire time, with the offset that it was given with.</summary>
    public DateTimeOffset At { get; }

    /// <summary>Whether the date was given without an offset: then REST shows the zone's.</summary>
    public bool ShowsZoneOffset { get; }

    /// <summary>The wall time that was given, from which <see cref="At"/> comes; null where an offset was given, or where it is not known any more. Only for what people are told.</summary>
    internal DateTime? Wall { get; init; }

    /// <inheritdoc/>
    public override DateTimeOffset? Next(DateTimeOffset from) => At >= from ? Zone.AtTicks(At.UtcTicks) : null;

    /// <inheritdoc/>
    public override DateTimeOffset? Previous(DateTimeOffset before) => At < before ? Zone.AtTicks(At.UtcTicks) : null;

    /// <inheritdoc/>
    public override long Count(DateTimeOffset from, DateTimeOffset to) => At >= from && At < to ? 1 : 0;

    /// <inheritdoc/>
    public override DateTimeOffset Display(DateTimeOffset fireTime) =>
        ShowsZoneOffset ? Zone.ToZone(fireTime) : IsoTime.WithOffset(fireTime, At.Offset);

    /// <inheritdoc/>
    public override string ToString() => TriggerText.Write(this, Zone);
}
