namespace Escapement.Triggers;

/// <summary>Fires once.</summary>
public sealed class DateTrigger : Trigger
{
    internal static readonly TriggerKind Kind = new("date", ["run_date", "zone_offset"], Read, isLimited: false)
    {
        Word = "at",
        ReadWords = words =>
        {
            words.Position++;
            return new("date") { { "run_date", words.ReadDate() } };
        },
    };

    /// <param name="at">The fire time, whole microseconds.</param>
    /// <param name="zone">The zone whose offset the fire time carries.</param>
    /// <param name="showsZoneOffset">
    /// Whether REST shows the zone's offset, because the date was given without an offset.
    /// </param>
    public DateTrigger(DateTimeOffset at, ZoneClock zone, bool showsZoneOffset = false)
    {
        At = UnixTime.Truncate(at);
        Zone = zone;
        ShowsZoneOffset = showsZoneOffset;
    }

    /// <inheritdoc/>
    public override ZoneClock Zone { get; }

    /// <summary>The fire time, with the offset given by the user.</summary>
    public DateTimeOffset At { get; }

    /// <summary>Whether the date was given without an offset. REST then shows the zone's offset.</summary>
    public bool ShowsZoneOffset { get; }

    /// <summary>
    /// The given wall time from which <see cref="At"/> was computed, or null if an offset was given or the wall time is
    /// unknown. Used only in texts for people.
    /// </summary>
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

    static DateTrigger Read(TriggerFields fields)
    {
        var at = fields.Date("run_date", out var hasOffset);
        return new(at ?? fields.Zone.ToZone(fields.Now), fields.Zone, fields.Flag("zone_offset") ?? !hasOffset)
        {
            Wall = IsoTime.WallOf(fields.Text("run_date"), fields.Zone),
        };
    }

    internal override TriggerDefinition DefineCore() =>
        new("date") { { "run_date", IsoTime.Format(Display(At)) }, { "zone_offset", ShowsZoneOffset } };
}
