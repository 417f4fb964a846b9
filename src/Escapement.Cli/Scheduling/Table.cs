using System.Text;
using System.Text.Json;

namespace Escapement.Cli.Scheduling;

/// <summary>Prints rows: in columns that fit on a terminal, or as lines with tabs through a pipe, where nothing is
/// cut.</summary>
/// <param name="output">The output.</param>
/// <param name="headings">The headings, shown on a terminal only.</param>
sealed class Table(Output output, params string[] headings)
{
    const int MinColumn = 8;

    readonly List<(string[] Cells, string? Note)> rows = [];

    /// <summary>True if the output is for a terminal.</summary>
    public bool IsForPeople { get; } = output.Width is not null;

    /// <summary>Adds a row.</summary>
    /// <param name="cells">The cells for the columns.</param>
    public void Add(params string[] cells) => rows.Add((cells, null));

    /// <summary>Adds a row with a text. On a terminal the text stands below the row, and through a pipe it is the last
    /// field.</summary>
    /// <param name="note">The text, which may be empty.</param>
    /// <param name="cells">The cells for the columns.</param>
    public void AddWithNote(string note, params string[] cells) => rows.Add((cells, note));

    /// <summary>Prints the rows.</summary>
    public void Print()
    {
        if (!IsForPeople)
        {
            foreach (var (cells, note) in rows) output.Line(string.Join('\t', cells.Concat(note is null ? [] : [note]).Select(Plain)));
            return;
        }

        if (rows is []) return;
        var shown = rows.Select(row => row.Cells.Select(cell => DisplayText.Expand(cell).Text).ToArray()).ToList();
        var widths = Enumerable.Range(0, headings.Length)
            .Select(i => Math.Max(DisplayText.Width(headings[i]), shown.Max(cells => DisplayText.Width(cells[i])))).ToArray();
        Fit(widths, (output.Width ?? 80) - 1 - (2 * (widths.Length - 1)));
        Print(headings, widths, output.Bold);
        for (var i = 0; i < rows.Count; i++)
        {
            Print(shown[i], widths, text => text);
            if (rows[i].Note is { Length: > 0 } note) output.Paragraph(DisplayText.Expand(note).Text, indent: 2);
        }
    }

    void Print(string[] cells, int[] widths, Func<string, string> style)
    {
        StringBuilder line = new();
        for (var i = 0; i < cells.Length; i++)
        {
            var cell = Cut(cells[i], widths[i]);
            if (i > 0) line.Append("  ");
            line.Append(cell).Append(' ', widths[i] - DisplayText.Width(cell));
        }

        output.Line(style(line.ToString().TrimEnd()));
    }

    /// <summary>Narrows the widest columns until all fit.</summary>
    static void Fit(int[] widths, int width)
    {
        while (widths.Sum() > width && widths.Max() > MinColumn) widths[Array.IndexOf(widths, widths.Max())]--;
    }

    static string Cut(string text, int width)
    {
        if (DisplayText.Width(text) <= width) return text;
        StringBuilder cut = new();
        var column = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (column + DisplayText.Width(rune) > width - 1) break;
            column += DisplayText.Width(rune);
            cut.Append(rune);
        }

        return cut.Append('…').ToString();
    }

    /// <summary>Returns a text as a field of a line with tabs: characters that are not printable are escaped as in
    /// JSON.</summary>
    public static string Plain(string text) => DisplayText.Escaped(text);
}

/// <summary>Reads the fields of an answer. A missing field is empty, because the scheduler may have another
/// version.</summary>
static class Field
{
    /// <summary>Returns a text or a number as text, or an empty text.</summary>
    public static string Text(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value)
            ? value.ValueKind switch
            {
                JsonValueKind.String => value.GetString()!,
                JsonValueKind.Null or JsonValueKind.Undefined => "",
                _ => value.GetRawText(),
            }
            : "";

    /// <summary>Returns a whole number, or 0.</summary>
    public static long Number(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : 0;

    /// <summary>Returns true for true.</summary>
    public static bool Is(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>Returns the items of a list, or nothing.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value.Items() : [];

    /// <summary>Returns the items of a list, or nothing.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [];

    /// <summary>Returns an object, or an undefined element.</summary>
    public static JsonElement Object(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;
}
