namespace Escapement.Stores;

/// <summary>The location and scope of a store.</summary>
/// <param name="Kind"><c>memory</c>, <c>sqlite</c> or <c>postgresql</c>.</param>
/// <param name="Name">The path or the database, for people.</param>
/// <param name="File">The file on this machine's disk, or null if the store is not a file.</param>
/// <param name="Scope">The scope in which each fire time runs once: <c>this process</c>, <c>this machine</c> or <c>the
/// database</c>.</param>
public sealed record StorePlace(string Kind, string Name, string? File, string Scope)
{
    /// <summary>Whether a single node is active, or each.</summary>
    public ActiveNodes Actives { get; init; }

    /// <summary>True if several processes see the same jobs.</summary>
    public bool Shared => Kind != "memory";
}

/// <summary>The number of nodes of a store that may claim.</summary>
public enum ActiveNodes
{
    /// <summary>A single node at a time. The remaining nodes are on standby.</summary>
    One,

    /// <summary>Every node, each under its own epoch.</summary>
    Each,
}
