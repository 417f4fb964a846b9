namespace Escapement.Triggers;

/// <summary>
/// Fires whenever any of several triggers fires, once for each instant, and ends when all triggers have ended.
/// </summary>
public sealed class OrTrigger : Trigger
{
    internal static readonly TriggerKind Kind = new("or", ["triggers"], fields => new OrTrigger(fields.Triggers(), fields.Zone));

    /// <param name="triggers">At least one trigger.</param>
    /// <param name="zone">The zone whose offset the fire times carry.</param>
    public OrTrigger(IReadOnlyList<Trigger> triggers, ZoneClock zone)
    {
        ArgumentOutOfRangeException.ThrowIfZero(triggers.Count, nameof(triggers));
        Triggers = [.. triggers];
        Zone = zone;
    }

    /// <inheritdoc/>
    public override ZoneClock Zone { get; }

    /// <summary>The parts of the trigger.</summary>
    public IReadOnlyList<Trigger> Triggers { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Trigger> Parts => Triggers;

    /// <inheritdoc/>
    public override DateTimeOffset? Next(DateTimeOffset from, ref int budget)
    {
        DateTimeOffset? earliest = null;
        budget -= Triggers.Count;
        foreach (var trigger in Triggers)
        {
            if (budget <= 0) break;
            if (trigger.Next(from, ref budget) is { } next && !(next >= earliest)) earliest = next;
        }

        return earliest is { } found ? Zone.AtTicks(found.UtcTicks) : null;
    }

    /// <inheritdoc/>
    public override DateTimeOffset? Previous(DateTimeOffset before, ref int budget)
    {
        DateTimeOffset? latest = null;
        budget -= Triggers.Count;
        foreach (var trigger in Triggers)
        {
            if (budget <= 0) break;
            if (trigger.Previous(before, ref budget) is { } previous && !(previous <= latest)) latest = previous;
        }

        return latest is { } found ? Zone.AtTicks(found.UtcTicks) : null;
    }

    internal override TriggerDefinition DefineCore() => new("or") { { "triggers", Triggers.Select(trigger => trigger.Define()).ToList() } };

    private protected override Trigger MadeOf(IReadOnlyList<Trigger> parts) => new OrTrigger(parts, Zone);
}
