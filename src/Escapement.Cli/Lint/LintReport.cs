using System.Text;

namespace Escapement.Cli.Lint;

/// <summary>Writes findings as JSON, or for people, with the line and carets under the place.</summary>
static class LintReport
{
    const int Indent = 2;

    public static void Print(IEnumerable<Finding> findings, Output output, bool isStrict)
    {
        foreach (var finding in findings)
        {
            var word = IsError(finding, isStrict) ? output.Red(Word(finding, isStrict)) : output.Yellow(Word(finding, isStrict));
            output.Paragraph($"{output.Bold(finding.Place.ToString())}: {word}: {finding.Message}");
            var (line, carets) = Excerpt(finding.Place, output.Width is { } width ? Math.Max(20, width - Indent - 1) : int.MaxValue);
            output.Line(new string(' ', Indent) + line);
            output.Line(new string(' ', Indent) + output.Green(carets));
            if (finding.Advice is not null) output.Paragraph($"help: {finding.Advice}", Indent);
        }
    }

    public static void Write(IReadOnlyList<Finding> findings, int triggers, Output output, bool isStrict) =>
        output.Document(Output.Json, writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("triggers", triggers);
        writer.WriteNumber("errors", findings.Count(finding => IsError(finding, isStrict)));
        writer.WriteNumber("warnings", findings.Count(finding => !IsError(finding, isStrict)));
        writer.WriteStartArray("findings");
        foreach (var finding in findings)
        {
            writer.WriteStartObject();
            writer.WriteString("file", finding.Place.Source.Name);
            writer.WriteNumber("line", finding.Place.Line + 1);
            writer.WriteNumber("column", finding.Place.Column);
            writer.WriteString("severity", IsError(finding, isStrict) ? "error" : "warning");
            writer.WriteString("name", finding.Warning);
            writer.WriteString("message", finding.Message);
            writer.WriteString("help", finding.Advice);
            writer.WriteString("text", finding.Place.Source.Lines[finding.Place.Line]);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    public static bool IsError(Finding finding, bool isStrict) => isStrict || finding.Warning is null;

    static string Word(Finding finding, bool isStrict) =>
        (IsError(finding, isStrict) ? "error" : "warning") + (finding.Warning is { } name ? $"[{name}]" : "");

    /// <summary>Returns the line and the carets, cut around the place to the given number of columns.</summary>
    static (string Line, string Carets) Excerpt(Place place, int width)
    {
        var raw = place.Source.Lines[place.Line];
        var (text, columns) = DisplayText.Expand(raw);
        var start = columns[Math.Min(place.Start, raw.Length)];
        var carets = Math.Max(1, columns[Math.Min(place.Start + place.Length, raw.Length)] - start);
        if (columns[raw.Length] <= width) return (text, new string(' ', start) + new string('^', carets));

        var from = Math.Max(0, Math.Min(start - (width / 3), columns[raw.Length] - width + 2));
        var cut = new StringBuilder(from > 0 ? "…" : "");
        var (column, firstShown) = (0, -1);
        foreach (var rune in text.EnumerateRunes())
        {
            if (column >= from && column + DisplayText.Width(rune) <= from + width - 2)
            {
                if (firstShown < 0) firstShown = column;
                cut.Append(rune);
            }

            column += DisplayText.Width(rune);
        }

        if (column > from + width - 2) cut.Append('…');
        var lead = start - Math.Max(0, firstShown) + (from > 0 ? 1 : 0);
        return (cut.ToString(), new string(' ', lead) + new string('^', Math.Min(carets, Math.Max(1, width - lead - 1))));
    }
}
