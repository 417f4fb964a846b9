namespace Escapement.Triggers;

/// <summary>The reader for whom a trigger is written as JSON.</summary>
public enum TriggerStyle
{
    /// <summary>People and programs: the fields as given, in the form of APScheduler.</summary>
    Rest,

    /// <summary>A store: all fields, so that an equal trigger can be read back.</summary>
    Stored,
}
