namespace Escapement.Ledger;

/// <summary>What holds for the whole scheduler, in every process of the store.</summary>
/// <param name="Paused">The pause, if there is one: fire times are not claimed; runs that were asked for are.</param>
/// <param name="ShutDown">Since when it is shut down, if it is: no node is active until it is started again.</param>
public sealed record SchedulerState(PauseMark? Paused = null, DateTimeOffset? ShutDown = null);
