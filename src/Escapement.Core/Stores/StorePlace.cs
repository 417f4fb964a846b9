namespace Escapement.Stores;

/// <summary>The location and scope of a store.</summary>
public sealed class StorePlace(string kind, string name, string? file, string scope)
{
    /// <summary><c>memory</c>, <c>sqlite</c> or <c>postgresql</c>.</summary>
    public string Kind { get; } = kind;

    /// <summary>The path or the database, for people.</summary>
    public string Name { get; } = name;

    /// <summary>The file on this machine's disk, or null if the store is not a file.</summary>
    public string? File { get; } = file;

    /// <summary>The scope in which each fire time runs once: <c>this process</c>, <c>this machine</c> or <c>the
    /// database</c>.</summary>
    public string Scope { get; } = scope;

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
