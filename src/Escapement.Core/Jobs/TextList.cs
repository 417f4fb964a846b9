using System.Collections;

namespace Escapement.Jobs;

/// <summary>A list of texts that cannot be changed, compared by value.</summary>
sealed class TextList(string[] texts) : IReadOnlyList<string>, IEquatable<TextList>
{
    /// <summary>The list without texts.</summary>
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
