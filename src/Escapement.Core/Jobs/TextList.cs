using System.Collections;

namespace Escapement.Jobs;

/// <summary>An immutable list of texts with value equality.</summary>
sealed class TextList(string[] texts) : IReadOnlyList<string>, IEquatable<TextList>
{
    /// <summary>The empty list.</summary>
    public static TextList Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => texts.Length;

    /// <inheritdoc/>
    public string this[int index] => texts[index];

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)texts).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => texts.GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(TextList? other) => other is not null && texts.AsSpan().SequenceEqual(other.ToArray());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TextList);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var text in texts) hash.Add(text);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(", ", texts)}]";
}
