namespace Escapement.Engine;

/// <summary>
/// The identity and the rights of an active node, given with each claim and with each run that starts.
/// </summary>
/// <param name="Node">The id of the node.</param>
/// <param name="Epoch">The number of the epoch.</param>
/// <param name="GraceLimit">The scheduler's limit for a misfire grace until the next fire time.</param>
/// <param name="MayStart">
/// Asks whether a handler may start now, after another accepted heartbeat if need be. False if the node is fenced.
/// </param>
sealed record Activation(string Node, long Epoch, TimeSpan GraceLimit, Func<ValueTask<bool>> MayStart)
{
    /// <summary>
    /// Returns whether the node is stopping and its drain limit has passed. A run is then recorded as interrupted
    /// instead of started.
    /// </summary>
    public Func<bool> DrainOver { get; init; } = () => false;
}
