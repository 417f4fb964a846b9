namespace Escapement.Cli.Lint;

/// <summary>A value of a JSON or YAML file with its place.</summary>
/// <param name="Text">The text without quotes, or null for an object or a list.</param>
/// <param name="Place">The place between the quotes.</param>
sealed record PlacedNode(string? Text, Place Place)
{
    public IReadOnlyList<(string Name, PlacedNode Value)> Properties { get; init; } = [];

    public IReadOnlyList<PlacedNode> Items { get; init; } = [];
}
