using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Escapement.Cli.Lint;

/// <summary>Reads the documents of a YAML file, with the place of each value.</summary>
sealed partial class YamlReader
{
    // Deeper than any workflow or manifest. A deeper file would exhaust the stack.
    const int MaxDepth = 100;

    // Stands for the text of a template, in YAML a character like any other.
    const char Filled = '\uE000';

    readonly Source source;
    readonly Parser parser;
    readonly Dictionary<string, PlacedNode> anchors = new(StringComparer.Ordinal);

    YamlReader(Source source)
    {
        this.source = source;
        // A chart of Helm becomes YAML only after its templates are filled.
        parser = new(new StringReader(TemplateLine.Replace(Template.Replace(source.Text, Blank), match => new(' ', match.Length))));
    }

    [GeneratedRegex(@"\{\{.*?\}\}", RegexOptions.Singleline)]
    private static partial Regex Template { get; }

    [GeneratedRegex(@"^[ \t\uE000]*\uE000[ \t\uE000]*(?=\r?$)", RegexOptions.Multiline)]
    private static partial Regex TemplateLine { get; }

    [GeneratedRegex(@"^(?:[&!]\S*\s+)*")]
    private static partial Regex AnchorAndTag { get; }

    /// <summary>Returns the documents. Text that is not YAML adds an error, and the documents before it are returned.</summary>
    public static IReadOnlyList<PlacedNode> Read(Source source, LintRun run)
    {
        List<PlacedNode> documents = [];
        var reader = new YamlReader(source);
        try
        {
            reader.parser.Consume<StreamStart>();
            while (reader.parser.TryConsume<DocumentStart>(out _))
            {
                documents.Add(reader.Node(0));
                reader.parser.Consume<DocumentEnd>();
            }
        }
        catch (YamlException failure)
        {
            run.Error(PlaceOf(source, failure.Start, 1), $"It cannot be read as YAML: {failure.Message.ReplaceLineEndings(" ")}");
        }
        catch (Exception failure) when (failure is InvalidOperationException or EndOfStreamException or ArgumentException)
        {
            // The library fails so for some broken texts, for example for a key in an open list.
            run.Error(PlaceOf(source, reader.parser.Current?.End ?? default, 1), "It cannot be read as YAML behind this place.");
        }

        return documents;
    }

    /// <summary>Returns true for a text that becomes an expression only after a template is filled.</summary>
    public static bool IsTemplate(string text) => text.Contains(Filled, StringComparison.Ordinal)
        || text.Contains("${", StringComparison.Ordinal) || text.Contains("{{", StringComparison.Ordinal);

    static string Blank(Match template) => string.Concat(template.Value.Select(letter => letter is '\r' or '\n' ? letter : Filled));

    PlacedNode Node(int depth)
    {
        var start = parser.Consume<ParsingEvent>();
        if (depth > MaxDepth) throw new YamlException(start.Start, start.End, $"It is nested more than {MaxDepth} levels deep.");
        var node = start switch
        {
            Scalar scalar => new(scalar.Value.Trim(), PlaceOf(scalar)),
            SequenceStart => new(null, PlaceOf(source, start.Start, 1)) { Items = [.. Items(depth)] },
            MappingStart => new(null, PlaceOf(source, start.Start, 1)) { Properties = [.. Properties(depth)] },
            // The parts of an aliased object were read at their own place.
            AnchorAlias alias => new(anchors.GetValueOrDefault(alias.Value.Value)?.Text,
                PlaceOf(source, alias.Start, alias.Value.Value.Length + 1)),
            _ => new PlacedNode(null, PlaceOf(source, start.Start, 1)),
        };
        if (start is NodeEvent { Anchor: { IsEmpty: false, Value: var anchor } }) anchors[anchor] = node;
        return node;
    }

    IEnumerable<PlacedNode> Items(int depth)
    {
        while (!parser.TryConsume<SequenceEnd>(out _)) yield return Node(depth + 1);
    }

    IEnumerable<(string Name, PlacedNode Value)> Properties(int depth)
    {
        while (!parser.TryConsume<MappingEnd>(out _)) yield return (Node(depth + 1).Text ?? "", Node(depth + 1));
    }

    Place PlaceOf(Scalar scalar)
    {
        if (scalar.Style is ScalarStyle.Literal or ScalarStyle.Folded)
        {
            // The text begins on the first line below its mark that is not empty.
            var line = (int)scalar.Start.Line;
            while (line < source.Lines.Count - 1 && string.IsNullOrWhiteSpace(source.Lines[line])) line++;
            line = Math.Min(line, source.Lines.Count - 1);
            var text = source.Lines[line].Trim();
            return new(source, line, source.Lines[line].IndexOf(text, StringComparison.Ordinal), Math.Max(1, text.Length));
        }

        var begin = (int)Math.Min(scalar.Start.Index, source.Text.Length);
        var written = source.Text[begin..(int)Math.Clamp(scalar.End.Index, begin, source.Text.Length)];
        var isQuoted = scalar.Style is ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted;
        var start = AnchorAndTag.Match(written).Length + (isQuoted ? 1 : 0);
        return PlaceOf(source, scalar.Start, written.Length - start - (isQuoted ? 1 : 0), start);
    }

    static Place PlaceOf(Source source, Mark mark, int length, int skipped = 0)
    {
        var line = Math.Clamp((int)mark.Line - 1, 0, source.Lines.Count - 1);
        var start = Math.Clamp((int)mark.Column - 1 + skipped, 0, source.Lines[line].Length);
        return new(source, line, start, Math.Clamp(length, 1, Math.Max(1, source.Lines[line].Length - start)));
    }
}
