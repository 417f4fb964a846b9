namespace Escapement.Engine;

/// <summary>Lists names in a log line.</summary>
static class Names
{
    /// <summary>Returns the names, and the number of the others: <c>a, b and 3 more</c>.</summary>
    /// <param name="names">The first names.</param>
    /// <param name="count">The number of all names.</param>
    public static string Bounded(IReadOnlyList<string> names, int count) =>
        string.Join(", ", names) + (count > names.Count ? $" and {count - names.Count} more" : "");
}
