namespace Escapement.Testing;

/// <summary>Tells whether the handler of a run waits for the clock, by the timers made by the handler.</summary>
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

    /// <summary>Whether the clock need not wait for the handler, though only a time limit is set.</summary>
    public bool LimitCounts { get; set; }

    /// <summary>Whether the handler has returned to its caller at least once, by an await or at its end.</summary>
    public bool HasYielded { get; set; }

    /// <summary>Whether the handler waits for the clock.</summary>
    public bool WaitsForClock => Waits > 0 || (Limits > 0 && LimitCounts);

    /// <summary>Whether the handler waits for something else under a time limit.</summary>
    public bool IsLimited => Waits == 0 && Limits > 0 && !LimitCounts;
}
