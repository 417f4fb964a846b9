namespace Escapement.Engine;

/// <summary>The settings of the engine.</summary>
/// <param name="Application">The application whose jobs the store holds.</param>
/// <param name="Lease">The time after which an epoch without a heartbeat may be ended.</param>
/// <param name="Drain">The time for which the runs of a stopping node may continue.</param>
/// <param name="Retention">The time for which the ledger is kept.</param>
/// <param name="GraceLimit">The limit of a misfire grace until the next fire time.</param>
sealed record EngineSettings(string Application, TimeSpan Lease, TimeSpan Drain, TimeSpan Retention, TimeSpan GraceLimit)
{
    /// <summary>The default of <see cref="WarmUps"/>.</summary>
    public const int DefaultWarmUps = 40;

    /// <summary>The pause before a failed access to the store is tried again.</summary>
    public static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    /// <summary>Whether the scheduler starts jobs at their fire times. Otherwise only requested runs start.</summary>
    public bool FireTimes { get; init; } = true;

    /// <summary>The executors whose runs the node claims, or null for all.</summary>
    public IReadOnlySet<string>? Served { get; init; }

    /// <summary>Whether the scheduler is paused when the first process of the store starts.</summary>
    public bool StartPaused { get; init; }

    /// <summary>The number of takeovers that a standby rehearses, or 0 for none.</summary>
    /// <remarks>The compiler optimises a method after about thirty calls.</remarks>
    public int WarmUps { get; init; } = DefaultWarmUps;

    /// <summary>The number of places of each executor, by name.</summary>
    public IReadOnlyDictionary<string, int> Executors { get; init; } = new Dictionary<string, int> { ["default"] = 10 };
}
