namespace Escapement.Triggers;

/// <summary>How the sets of two parts of a trigger become one.</summary>
enum DayJoin
{
    /// <summary>What both have.</summary>
    Both,

    /// <summary>What one of them has.</summary>
    Either,

    /// <summary>What the first has and the second has not.</summary>
    Without,
}
