namespace Escapement.Triggers;

/// <summary>What a change of the clock does to a trigger.</summary>
public enum ClockEffect
{
    /// <summary>None of its times falls into what is skipped or repeated.</summary>
    None,

    /// <summary>Times that the clock skips are moved to the first instant after the gap, and become one.</summary>
    Moved,

    /// <summary>Times that the clock skips would move to the first instant after the gap, but that is excluded.</summary>
    Excluded,

    /// <summary>Times that the clock repeats fire once, in the first pass.</summary>
    FirstPass,

    /// <summary>Times that the clock repeats fire in both passes.</summary>
    BothPasses,

    /// <summary>The trigger does not follow the wall clock: it goes on in real time, or is made of several.</summary>
    RealTime,
}

/// <summary>One change of a zone's clock, and what a trigger does there.</summary>
/// <param name="At">The first instant with the new offset.</param>
/// <param name="Before">The offset until then.</param>
/// <param name="After">The offset from then on.</param>
/// <param name="Effect">What becomes of the trigger's times.</param>
/// <param name="Sentence">The same for people.</param>
public sealed record ClockChange(DateTimeOffset At, TimeSpan Before, TimeSpan After, ClockEffect Effect, string Sentence)
{
    /// <summary>Whether the clock goes forward, so that wall times are skipped.</summary>
    public bool IsForward => After > Before;
}
