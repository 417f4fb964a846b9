namespace Escapement.Testing;

/// <summary>Counts the timers of a run's handler, which show if the handler waits for the clock.</summary>
/// <remarks>The world reads and writes the counts under its lock.</remarks>
sealed class RunWatch(TestProcess process, string name)
{
    static readonly AsyncLocal<RunWatch?> current = new();

    /// <summary>The run whose handler calls, or null outside of handlers.</summary>
    public static RunWatch? Current
    {
        get => current.Value;
        set => current.Value = value;
    }

    public TestProcess Process => process;

    /// <summary>The job and the fire time, for messages.</summary>
    public string Name => name;

    /// <summary>The number of timers that the handler waits for.</summary>
    public int Waits { get; set; }

    /// <summary>The number of timers that only limit a wait.</summary>
    public int Limits { get; set; }

    /// <summary>True if the clock need not wait for a handler with nothing but a time limit.</summary>
    public bool LimitCounts { get; set; }

    /// <summary>True if the handler has returned to its caller at least once, by an await or at its end.</summary>
    public bool HasYielded { get; set; }

    /// <summary>True if the handler waits for the clock.</summary>
    public bool WaitsForClock => Waits > 0 || (Limits > 0 && LimitCounts);

    /// <summary>True if the handler waits for anything but the clock, under a time limit.</summary>
    public bool IsLimited => Waits == 0 && Limits > 0 && !LimitCounts;
}
