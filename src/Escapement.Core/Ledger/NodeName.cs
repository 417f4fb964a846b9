namespace Escapement.Ledger;

/// <summary>The identity of a node.</summary>
/// <param name="Id">A unique id over all processes and all time: host, process id and a random part, valid as a file
/// name.</param>
/// <param name="Pid">The process id on its host.</param>
/// <param name="Host">The host's name.</param>
/// <param name="StartedAt">The instant at which the process started its scheduler.</param>
/// <param name="LifeLock">The path of the file on which the process holds its life lock, or null if it has
/// none.</param>
public sealed record NodeName(string Id, int Pid, string Host, DateTimeOffset StartedAt, string? LifeLock);
