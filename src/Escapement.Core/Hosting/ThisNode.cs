using System.Reflection;
using Escapement.Engine;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Stores;

namespace Escapement.Hosting;

/// <summary>This process as the API, the log and the other processes see it, whatever state it is in.</summary>
sealed class ThisNode(TimeProvider clock, IJobStore store)
{
    static readonly string Version =
        Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    NodeState before = new NodeState.Standby(Reason.NoActiveNode, null);

    /// <summary>Who it is.</summary>
    public NodeName Name { get; internal set; } = Make(clock, null);

    /// <summary>The node, once it was let through the start gate.</summary>
    public NodeLifecycle? Node { get; internal set; }

    /// <summary>What it is now.</summary>
    public NodeState State
    {
        get => Node?.Status ?? before;
        internal set => before = value;
    }

    /// <summary>Why this process has not opened the store, or null once the store was opened.</summary>
    public string? StoreOutage { get; internal set; } = "it has not been opened yet";

    /// <summary>The address at which this process answers itself, if it has one.</summary>
    public string? Url { get; set; }

    /// <summary>Reads the lock file's lines: who holds the lock, where the store does not tell.</summary>
    internal Func<LockHolder?> LockHolder { get; set; } = () => null;

    /// <summary>How it shows itself.</summary>
    public NodeReport Report()
    {
        var state = State;
        var epoch = state switch
        {
            NodeState.Active active => active.Epoch,
            NodeState.Draining draining => draining.Epoch,
            _ =>
            (long?)null
        };
        return new()
        {
            Id = Name.Id,
            Pid = Name.Pid,
            Host = Name.Host,
            Role = state.Role,
            Reason = state.Reason,
            Sentence = state.Sentence,
            Epoch = epoch,
            StartedAt = Name.StartedAt,
            LastSeen = clock.GetUtcNow(),
            Url = Url,
            Version = Version,
            Scope = store.Place.Scope,
        };
    }

    /// <summary>The holder of the lock, where it is another process with the jobs in its memory.</summary>
    public LockHolder? MemoryHolder() =>
        !store.Place.Shared && State is NodeState.Standby { Because: Reason.Standby } ? LockHolder() : null;

    internal static NodeName Make(TimeProvider clock, string? lifeLock)
    {
        var host = Environment.MachineName;
        var id = $"{Clean(host)}-{Environment.ProcessId}-{Convert.ToHexStringLower(Guid.NewGuid().ToByteArray().AsSpan(0, 4))}";
        return new(id, Environment.ProcessId, host, clock.GetUtcNow(), lifeLock);
    }

    static string Clean(string host) => string.Concat(host.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '_'));
}
