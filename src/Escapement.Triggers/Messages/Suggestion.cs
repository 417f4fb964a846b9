namespace Escapement.Triggers;

/// <summary>Finds the known word nearest to a mistyped word.</summary>
public static class Suggestion
{
    /// <summary>
    /// Returns the nearest word by edit distance, without regard to case, or null if no word is within the limit.
    /// </summary>
    public static string? Nearest(string text, IEnumerable<string> words, int limit)
    {
        return Within(text, words, Math.Min(limit, Math.Max(1, text.Length / 2)));
    }

    /// <summary>
    /// Returns the nearest word within the limit, however short the text is, or null if no word is within the limit.
    /// </summary>
    public static string? Within(string text, IEnumerable<string> words, int limit)
    {
        if (text.Length > 64) return null;
        string? nearest = null;
        var best = limit + 1;
        foreach (var word in words)
        {
            if (Math.Abs(word.Length - text.Length) >= best) continue;
            var distance = Distance(text, word);
            if (distance >= best) continue;
            (nearest, best) = (word, distance);
        }

        return nearest;
    }

    /// <summary>
    /// Returns a sentence that names the nearest word, with a space in front, or an empty text if no word is near.
    /// </summary>
    public static string Sentence(string text, IEnumerable<string> words) =>
        Nearest(text, words, Math.Max(2, text.Length / 3)) is { } nearest ? $" The nearest is '{nearest}'." : "";

    static int Distance(string left, string right)
    {
        var row = new int[right.Length + 1];
        for (var j = 0; j < row.Length; j++) row[j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j < row.Length; j++)
            {
                var substituted = diagonal + (char.ToUpperInvariant(left[i - 1]) == char.ToUpperInvariant(right[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[right.Length];
    }
}
