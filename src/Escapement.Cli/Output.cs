using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Escapement.Cli;

/// <summary>Writes results to standard output as text or JSON. Colours and line breaks are used only for a
/// terminal.</summary>
sealed class Output : IDisposable
{
    /// <summary>Readable JSON: only characters with a meaning in JSON are escaped.</summary>
    public static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true };

    readonly StreamWriter writer = new(StandardOutput.Open(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };

    /// <summary>The terminal's width in columns, or null without a terminal. Without a terminal, nothing is wrapped or
    /// cut.</summary>
    public int? Width { get; } = Console.IsOutputRedirected ? null : Columns();

    public bool HasColour { get; } = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") != "dumb";

    public TextWriter Writer => writer;

    public void Line(string text = "") => writer.WriteLine(text);

    /// <summary>Writes a paragraph. On a terminal the text is wrapped, and each line is indented.</summary>
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

    /// <summary>Writes a JSON document.</summary>
    public void Document(JsonWriterOptions options, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, options)) write(json);
        // The writer escapes control characters, but not the characters that turn a text around.
        writer.WriteLine(DisplayText.Escaped(Encoding.UTF8.GetString(buffer.ToArray()), kept: "\r\n"));
    }

    /// <summary>Writes the remaining output. Throws an <see cref="IOException"/> if the pipe is closed.</summary>
    public void Dispose() => writer.Dispose();

    string Coloured(string text, string code) => HasColour ? $"\u001b[{code}m{text}\u001b[0m" : text;

    /// <summary>Returns the terminal's width in columns, or null without a terminal.</summary>
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
