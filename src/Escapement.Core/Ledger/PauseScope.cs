namespace Escapement.Ledger;

/// <summary>The scope of a pause.</summary>
public enum PauseScope
{
    /// <summary>The whole scheduler.</summary>
    All = 0,

    /// <summary>A single job.</summary>
    Job = 1,

    /// <summary>The jobs with a tag.</summary>
    Tag = 2,

    /// <summary>The jobs of an executor.</summary>
    Executor = 3,
}
