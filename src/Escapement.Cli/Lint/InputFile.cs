using System.Text;

namespace Escapement.Cli.Lint;

/// <summary>
/// Reads a whole input, or reports why the input is unusable: missing, a folder, too large, binary, or not UTF-8.
/// </summary>
static class InputFile
{
    // Far larger than any crontab or settings file. A larger file was passed by mistake.
    const int Most = 1 << 20;

    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="FormatException">The file cannot be read. The message names the file.</exception>
    public static Source Read(string path)
    {
        if (path == "-")
        {
            using var input = StandardInput.Open();
            return Decode("stdin", ReadAll("stdin", input));
        }

        if (string.IsNullOrWhiteSpace(path))
        {
            throw new FormatException($"'{path}' names no input: give a file, - for standard input, or a trigger in quotes.");
        }

        if (Directory.Exists(path))
        {
            throw new FormatException($"{path}: this is a folder. Give a file: a crontab, an appsettings file or a list of expressions.");
        }

        if (!File.Exists(path))
        {
            throw new FormatException(
                $"{path}: there is no such file. An expression is one argument in quotes: escapement lint \"0 9 * * mon-fri\".");
        }

        try
        {
            using var file = File.OpenRead(path);
            return Decode(path, ReadAll(path, file));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{path}: it cannot be read: {failure.Message}", failure);
        }
    }

    static byte[] ReadAll(string name, Stream input)
    {
        using var all = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (input.Read(buffer) is > 0 and var read)
        {
            all.Write(buffer, 0, read);
            if (all.Length > Most)
            {
                throw new FormatException(
                    $"{name}: it has more than {Most / 1024} KB, which no crontab, settings file or list of expressions has.");
            }
        }

        return all.ToArray();
    }

    static Source Decode(string name, byte[] bytes)
    {
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..]) throw new FormatException($"{name}: this is UTF-16. Save it as UTF-8.");
        var zero = Array.IndexOf(bytes, (byte)0);
        if (zero >= 0) throw new FormatException($"{name}: this is not a text: byte {zero + 1} is zero.");
        try
        {
            var hasMark = bytes is [0xEF, 0xBB, 0xBF, ..];
            return new(name, Strict.GetString(hasMark ? bytes.AsSpan(3) : bytes)) { HasByteOrderMark = hasMark };
        }
        catch (DecoderFallbackException failure)
        {
            var line = bytes.AsSpan(0, Math.Max(0, failure.Index)).Count((byte)'\n') + 1;
            throw new FormatException(
                $"{name}: this is not UTF-8: line {line} has a byte that begins or continues no character. Save it as UTF-8.", failure);
        }
    }
}
