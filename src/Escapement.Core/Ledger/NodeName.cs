namespace Escapement.Ledger;

/// <summary>The identity of a node.</summary>
public sealed record NodeName
{
    /// <summary>Creates the name of a node.</summary>
    public NodeName(string id, int pid, string host, DateTimeOffset startedAt, string? lifeLock) =>
        (Id, Pid, Host, StartedAt, LifeLock) = (id, pid, host, startedAt, lifeLock);

    /// <summary>A unique id over all processes and all time: host, process id and a random part, valid as a file
    /// name.</summary>
    public string Id { get; }

    /// <summary>The process id on its host.</summary>
    public int Pid { get; }

    /// <summary>The host's name.</summary>
    public string Host { get; }

    /// <summary>The instant at which the process started its scheduler.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>The path of the file on which the process holds its life lock, or null if it has none.</summary>
    public string? LifeLock { get; internal init; }

    /// <summary>The process as the origin of a change: <c>process 4711 on web-1</c>.</summary>
    internal string Origin => $"process {Pid} on {Host}";
}
