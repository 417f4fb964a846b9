namespace Escapement.Triggers;

/// <summary>For whom a trigger is written as JSON.</summary>
public enum TriggerStyle
{
    /// <summary>For people and other programs: what was given, as the original shows it.</summary>
    Rest,

    /// <summary>For a store: everything, so that reading it gives an equal trigger.</summary>
    Stored,
}
