namespace Escapement.Triggers;

/// <summary>The effect of a clock change on a trigger.</summary>
public enum ClockEffect
{
    /// <summary>No fire time falls into the skipped or repeated hours.</summary>
    None,

    /// <summary>Skipped times move to the first instant after the gap, and fire once.</summary>
    Moved,

    /// <summary>Skipped times would move to the first instant after the gap, but the instant is excluded.</summary>
    Excluded,

    /// <summary>Repeated times fire once, in the first pass.</summary>
    FirstPass,

    /// <summary>Repeated times fire in both passes.</summary>
    BothPasses,

    /// <summary>
    /// The trigger does not follow the wall clock: the trigger continues in real time, or consists of several triggers.
    /// </summary>
    RealTime,
}

/// <summary>A change of a zone's clock, with its effect on a trigger.</summary>
/// <param name="At">The first instant with the new offset.</param>
/// <param name="Before">The offset before the change.</param>
/// <param name="After">The offset after the change.</param>
/// <param name="Effect">The effect on the trigger's times.</param>
/// <param name="Sentence">The effect as a sentence for people.</param>
public sealed record ClockChange(DateTimeOffset At, TimeSpan Before, TimeSpan After, ClockEffect Effect, string Sentence)
{
    /// <summary>Whether the clock goes forward, so that wall times are skipped.</summary>
    public bool IsForward => After > Before;
}
