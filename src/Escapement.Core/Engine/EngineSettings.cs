namespace Escapement.Engine;

/// <summary>What the engine needs of the settings.</summary>
/// <param name="Application">Whose jobs the store holds.</param>
/// <param name="Lease">How long an epoch holds without a beat.</param>
/// <param name="Drain">How long a stopping node lets its runs go on.</param>
/// <param name="Retention">How long the ledger is kept.</param>
/// <param name="GraceLimit">The most that a grace until the next fire time allows.</param>
sealed record EngineSettings(string Application, TimeSpan Lease, TimeSpan Drain, TimeSpan Retention, TimeSpan GraceLimit)
{
    /// <summary>The pause before a failed access to the store is tried again.</summary>
    public static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    /// <summary>Whether fire times are taken, or only runs that are asked for.</summary>
    public bool FireTimes { get; init; } = true;

    /// <summary>Whether the scheduler is paused when the first process of the store starts.</summary>
    public bool StartPaused { get; init; }

    /// <summary>How often a standby rehearses a takeover; 0 for never.</summary>
    /// <remarks>The compiler optimises a method after about thirty calls.</remarks>
    public int WarmUps { get; init; } = 40;

    /// <summary>The places of each executor.</summary>
    public IReadOnlyDictionary<string, int> Executors { get; init; } = new Dictionary<string, int> { ["default"] = 10 };
}
