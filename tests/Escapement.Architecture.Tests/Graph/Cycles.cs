namespace Escapement.Architecture.Tests.Graph;

/// <summary>The cycles of a directed graph.</summary>
static class Cycles
{
    /// <summary>Returns the strongly connected components of more than a single node, each in order of names.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Of(IEnumerable<(string From, string To)> edges)
    {
        var next = edges.Where(edge => edge.From != edge.To).ToLookup(edge => edge.From, edge => edge.To);
        Dictionary<string, HashSet<string>> reached = [];
        foreach (var node in next.Select(group => group.Key))
        {
            reached[node] = ReachedFrom(node, next);
        }

        return
        [
            .. reached.Where(node => node.Value.Contains(node.Key))
                .Select(node => node.Value.Where(other => reached.TryGetValue(other, out var back) && back.Contains(node.Key)))
                .Select(nodes => nodes.Order(StringComparer.Ordinal).ToList())
                .DistinctBy(nodes => nodes[0]).OrderBy(nodes => nodes[0], StringComparer.Ordinal),
        ];
    }

    static HashSet<string> ReachedFrom(string start, ILookup<string, string> next)
    {
        HashSet<string> reached = [];
        Queue<string> open = new([start]);
        while (open.TryDequeue(out var node))
        {
            foreach (var other in next[node].Where(reached.Add))
            {
                open.Enqueue(other);
            }
        }

        return reached;
    }
}
