using Escapement.Jobs;

namespace Escapement.Rules;

/// <summary>The result of a <see cref="RunRequest"/>.</summary>
public readonly struct Enqueued(RunId run, bool existing)
{
    /// <summary>The run.</summary>
    public RunId Run { get; } = run;

    /// <summary>True if the run already existed with the same key.</summary>
    public bool Existing { get; } = existing;
}
