using Escapement.Triggers;

namespace Escapement;

/// <summary>The author of a change, as recorded with the change.</summary>
public sealed record ChangeAuthor
{
    /// <summary>The maximum length of <see cref="By"/> and of <see cref="Origin"/> in characters.</summary>
    public const int MaxBy = 255;

    /// <summary>The maximum length of <see cref="Why"/> in characters.</summary>
    public const int MaxWhy = 1_000;

    /// <summary>The person or program, in at most <see cref="MaxBy"/> printable characters, or null if unknown. A blank
    /// text counts as null.</summary>
    /// <exception cref="FormatException">The text is too long, or a character is not printable.</exception>
    public string? By { get; init => field = Checked("by", value, MaxBy); }

    /// <summary>The purpose, in at most <see cref="MaxWhy"/> printable characters, or null if not given.
    /// A blank text counts as null.</summary>
    /// <exception cref="FormatException">The text is too long, or a character is not printable.</exception>
    public string? Why { get; init => field = Checked("reason", value, MaxWhy); }

    /// <summary>Where the change comes from, such as <c>REST 127.0.0.1</c>, in at most <see cref="MaxBy"/> printable
    /// characters. Null for the process of the scheduler.</summary>
    /// <exception cref="FormatException">The text is too long, or a character is not printable.</exception>
    public string? Origin { get; init => field = Checked("origin", value, MaxBy); }

    internal static string? Checked(string name, string? text, int max) => string.IsNullOrWhiteSpace(text) ? null : text.Length <= max
        ? Printable.Checked(name, text)
        : throw new FormatException($"{name} is '{Printable.Shown(text)}', of {text.Length} characters; at most {max} are allowed.");
}
