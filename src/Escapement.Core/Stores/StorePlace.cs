namespace Escapement.Stores;

/// <summary>Where a store is and how far it reaches.</summary>
/// <param name="Kind"><c>memory</c>, <c>sqlite</c> or <c>postgresql</c>.</param>
/// <param name="Name">The path or the database, for people.</param>
/// <param name="File">The file on this machine's disk, if it is one.</param>
/// <param name="Scope">How far <i>once</i> reaches: <c>this process</c>, <c>this machine</c> or <c>the database</c>.</param>
public sealed record StorePlace(string Kind, string Name, string? File, string Scope)
{
    /// <summary>Whether one node is active or each may be.</summary>
    public ActiveNodes Actives { get; init; }

    /// <summary>Whether other processes see the same jobs.</summary>
    public bool Shared => Kind != "memory";
}

/// <summary>How many nodes of a store may claim.</summary>
public enum ActiveNodes
{
    /// <summary>One at a time; the others wait for its end.</summary>
    One,

    /// <summary>Each, under an epoch of its own.</summary>
    Each,
}
