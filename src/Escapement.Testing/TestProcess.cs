using Escapement.Ledger;

namespace Escapement.Testing;

/// <summary>The state of a process of a test, as far as the clock needs it.</summary>
sealed class TestProcess(NodeName name)
{
    int hostWork, engineWork;
    volatile bool isGone;

    /// <summary>The identity of the node.</summary>
    public NodeName Name => name;

    /// <summary>True if the process was killed. None of its work runs after the kill.</summary>
    public bool IsGone
    {
        get => isGone;
        set => isGone = value;
    }

    /// <summary>True if the host starts or stops, and the engine does not. Such work never waits for the clock.</summary>
    public bool HoldsClock => Volatile.Read(ref hostWork) > 0 && Volatile.Read(ref engineWork) == 0 && !IsGone;

    /// <summary>True if the host starts or stops.</summary>
    public bool IsChanging => Volatile.Read(ref hostWork) > 0 && !IsGone;

    public void BeginHost() => Interlocked.Increment(ref hostWork);

    public void EndHost() => Interlocked.Decrement(ref hostWork);

    public void BeginEngine() => Interlocked.Increment(ref engineWork);

    public void EndEngine() => Interlocked.Decrement(ref engineWork);
}
