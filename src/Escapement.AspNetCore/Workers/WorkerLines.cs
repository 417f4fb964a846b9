using System.Globalization;
using System.Text;

namespace Escapement.AspNetCore.Workers;

/// <summary>Puts the process id in front of each line that a worker writes to the shared output.</summary>
/// <remarks>A line that begins with <c>{</c> or <c>&lt;</c> stays unchanged, because a program reads the line: JSON, or the
/// priority of a systemd log.</remarks>
sealed class WorkerLines(TextWriter inner, string prefix) : TextWriter(CultureInfo.InvariantCulture)
{
    static int isPrefixed;

    bool isInLine;

    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <summary>Prefixes the output and error of this process. The first call is effective.</summary>
    public static void Prefix()
    {
        if (Interlocked.Exchange(ref isPrefixed, 1) == 1) return;
        var prefix = string.Create(CultureInfo.InvariantCulture, $"[{Environment.ProcessId}] ");
#pragma warning disable RS0030 // The lines of all workers share an output.
        Console.SetOut(new WorkerLines(InOnePiece(Console.OpenStandardOutput()), prefix));
        Console.SetError(new WorkerLines(InOnePiece(Console.OpenStandardError()), prefix));

        // The console's own writer has room for 256 characters, and writes a longer text in several pieces.
        static StreamWriter InOnePiece(Stream stream) => new(
            stream, Console.OutputEncoding is { Preamble.Length: 0 } plain ? plain : new UTF8Encoding(false), bufferSize: 64 * 1024)
        {
            AutoFlush = true,
        };
#pragma warning restore RS0030
    }

    /// <inheritdoc/>
    public override void Write(char value) => Write([value]);

    /// <inheritdoc/>
    public override void Write(string? value) => Write(value.AsSpan());

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Write(value + NewLine);

    /// <inheritdoc/>
    public override void WriteLine(ReadOnlySpan<char> buffer) => Write($"{buffer}{NewLine}");

    /// <inheritdoc/>
    public override void WriteLine(char[]? buffer) => WriteLine(buffer.AsSpan());

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer)
    {
        // Written in one piece, because the lines of several workers must not mix. A pipe keeps up to 4 KiB together.
        StringBuilder text = new(buffer.Length + prefix.Length);
        while (buffer.Length > 0)
        {
            var end = buffer.IndexOf('\n') is >= 0 and var at ? at + 1 : buffer.Length;
            if (!isInLine && buffer[0] is not ('{' or '<' or '\n' or '\r')) text.Append(prefix);
            text.Append(buffer[..end]);
            isInLine = buffer[end - 1] != '\n';
            buffer = buffer[end..];
        }

        inner.Write(text.ToString());
    }

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();
}
