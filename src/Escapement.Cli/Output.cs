using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Escapement.Cli;

/// <summary>Answers on standard output: text for people, or JSON. Colour and line breaks only where a terminal shows them.</summary>
sealed class Output : IDisposable
{
    /// <summary>Readable JSON: only what JSON itself wants is escaped.</summary>
    public static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true };

    readonly StreamWriter writer = new(StandardOutput.Open(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };

    /// <summary>The terminal's columns; null when there is no terminal, and nothing is to be broken or cut.</summary>
    public int? Width { get; } = Console.IsOutputRedirected ? null : Columns();

    public bool HasColour { get; } = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") != "dumb";

    public TextWriter Writer => writer;

    public void Line(string text = "") => writer.WriteLine(text);

    /// <summary>A text that a terminal gets in several lines, each indented.</summary>
    public void Paragraph(string text, int indent = 0)
    {
        var lead = new string(' ', indent);
        foreach (var line in Width is { } width ? DisplayText.Wrap(text, Math.Max(20, width - indent - 1)) : [text])
        {
            writer.WriteLine(lead + line);
        }
    }

    public string Bold(string text) => Coloured(text, "1");

    public string Red(string text) => Coloured(text, "1;31");

    public string Yellow(string text) => Coloured(text, "1;33");

    public string Green(string text) => Coloured(text, "32");

    /// <summary>One JSON document.</summary>
    public void Document(JsonWriterOptions options, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, options)) write(json);
        writer.WriteLine(Encoding.UTF8.GetString(buffer.ToArray()));
    }

    /// <summary>Writes what is left; a closed pipe is an <see cref="IOException"/> here at the latest.</summary>
    public void Dispose() => writer.Dispose();

    string Coloured(string text, string code) => HasColour ? $"\u001b[{code}m{text}\u001b[0m" : text;

    /// <summary>The columns of the terminal; null where there is none.</summary>
    public static int? Columns()
    {
        try
        {
            return Console.WindowWidth is > 0 and var width ? width : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
