using System.Reflection;
using Escapement.Engine;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Stores;

namespace Escapement.Hosting;

/// <summary>This process as seen by the API, the log and other processes, in any state. A service of the
/// program.</summary>
public sealed class ThisNode
{
    static readonly string Version =
        Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    readonly TimeProvider clock;
    readonly IJobStore store;
    NodeState before = new NodeState.Standby(Reason.NoActiveNode, null);

    internal ThisNode(TimeProvider clock, IJobStore store, NodeName? name = null) =>
        (this.clock, this.store, Name) = (clock, store, name ?? Make(clock, null));

    /// <summary>The identity of the node.</summary>
    public NodeName Name { get; internal set; }

    /// <summary>The node, or null before the start gate was passed.</summary>
    internal NodeLifecycle? Node { get; set; }

    /// <summary>The state of the node.</summary>
    internal NodeState State
    {
        get => Node?.Status ?? before;
        set => before = value;
    }

    /// <summary>The reason why this process has not opened the store, or null after the store was opened.</summary>
    internal string? StoreOutage { get; set; } = ReasonText.NotStarted();

    /// <summary>The address of this process's own API, or null.</summary>
    public string? Url { get; set; }

    /// <summary>Reads the holder of the lock from the lock file, for stores without this information.</summary>
    internal Func<LockHolder?> LockHolder { get; set; } = () => null;

    /// <summary>Creates the report of this node.</summary>
    public NodeInfo Report()
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

    /// <summary>True if the jobs of this process have ended with the stop of the host.</summary>
    internal bool HasStopped { get; private set; }

    /// <summary>Ends the view on jobs in memory, which no process continues.</summary>
    internal void Stopped() => (HasStopped, StoreOutage) = (true, ReasonText.Stopped());

    /// <summary>Returns the reason why this process cannot see the jobs, with its sentence, or null if the jobs are
    /// visible. Such a process never answers with an empty list.</summary>
    public (Reason Reason, string Sentence)? Blindness() => (MemoryHolder(), State) switch
    {
        ({ } holder, _) => (Reason.Standby, ReasonText.MemoryStandby(holder.Pid, holder.Host, holder.Since)),
        (_, NodeState.Refused refused) when !SeesStore(refused) => (refused.Because, refused.Sentence),
        _ when StoreOutage is { } outage => (Reason.StoreUnavailable, outage),
        _ => null,
    };

    // A process that may not schedule still opens a shared store. With an in-memory store, the process has only an
    // empty store of its own.
    bool SeesStore(NodeState.Refused refused) => refused.Because is Reason.SwitchedOff or Reason.HostNotAllowed && store.Place.Shared;

    /// <summary>True if the program maps the REST API.</summary>
    public bool ServesApi { get; set; }

    /// <summary>Returns the holder of the lock if another process keeps the jobs in its memory, or null.</summary>
    internal LockHolder? MemoryHolder() =>
        !store.Place.Shared && State is NodeState.Standby { Because: Reason.Standby } ? LockHolder() : null;

    internal static NodeName Make(TimeProvider clock, string? lifeLock)
    {
        var host = Environment.MachineName;
        var id = $"{Clean(host)}-{Environment.ProcessId}-{Convert.ToHexStringLower(Guid.NewGuid().ToByteArray().AsSpan(0, 4))}";
        return new(id, Environment.ProcessId, host, clock.GetUtcNow(), lifeLock);
    }

    static string Clean(string host) => string.Concat(host.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '_'));
}
