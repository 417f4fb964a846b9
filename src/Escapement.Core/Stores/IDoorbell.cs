namespace Escapement.Stores;

/// <summary>What a ring is about; several may come as one.</summary>
[Flags]
public enum Bell
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Jobs, waiting runs or the scheduler's marks changed: look for what is due.</summary>
    Work = 1,

    /// <summary>An epoch ended or began: whoever may ask looks at once.</summary>
    Epoch = 2,

    /// <summary>A waiter asks for a sign of life.</summary>
    Question = 4,

    /// <summary>A run that someone waits for has ended.</summary>
    RunEnded = 8,
}

/// <summary>Wakes the nodes that share a store, in this process and in others, and lets them say who they are.</summary>
public interface IDoorbell
{
    /// <summary>Rings at every node of the store, this one included. Never waits, and never throws, whatever a listener does; a ring may be lost only with its receiver.</summary>
    void Ring(Bell bell);

    /// <summary>Calls back on each ring, on any thread; the callback must be short.</summary>
    /// <returns>Disposing it ends the calls.</returns>
    IDisposable Listen(Action<Bell> rung);

    /// <summary>From now on this process answers who it is.</summary>
    /// <param name="node">The node's id.</param>
    /// <param name="report">Makes the answer; short, on any thread.</param>
    void Answer(string node, Func<NodeReport> report);

    /// <summary>Asks every living node of the store who it is.</summary>
    /// <param name="limit">How long to wait for those that do not answer.</param>
    /// <param name="stop">Gives up.</param>
    /// <returns>The answers, this node's included; processes that are gone or stopped are not in it.</returns>
    Task<IReadOnlyList<NodeReport>> AskNodesAsync(TimeSpan limit, CancellationToken stop);
}
