using System.Buffers.Binary;
using System.Text;

namespace Escapement.Triggers;

/// <summary>A zone's file in the format of RFC 9636 (TZif), all versions.</summary>
/// <param name="FirstOffset">Seconds from UTC before the first change.</param>
/// <param name="Changes">The changes in order. An offset applies from its instant on.</param>
/// <param name="Rule">The rule after the last change, or null if the offset does not change again.</param>
sealed record TzifFile(int FirstOffset, IReadOnlyList<(long At, int Offset)> Changes, PosixRule? Rule)
{
    const int HeaderLength = 44;

    /// <summary>Parses a file. Returns null if the bytes are not such a file.</summary>
    public static TzifFile? Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Read(bytes);
        }
        catch (Exception failure) when (failure is ArgumentOutOfRangeException or IndexOutOfRangeException or FormatException)
        {
            return null;
        }
    }

    static TzifFile? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderLength || !bytes.StartsWith("TZif"u8)) return null;
        var header = Header.Read(bytes);
        if (bytes[4] < (byte)'2')
        {
            return new(FirstOffsetOf(bytes[HeaderLength..], header, 4), ChangesOf(bytes[HeaderLength..], header, 4), null);
        }

        // From version 2 on, the same data follows with 64-bit instants, and then the rule between two line feeds.
        var second = bytes[(HeaderLength + header.Length(4))..];
        header = Header.Read(second);
        var body = second[HeaderLength..];
        var footer = body[header.Length(8)..];
        var rule = footer[1..];
        rule = rule[..Math.Max(0, rule.IndexOf((byte)'\n'))];
        return new(FirstOffsetOf(body, header, 8), ChangesOf(body, header, 8), rule.IsEmpty
            ? null
            : PosixRule.Parse(Encoding.ASCII.GetString(rule)));
    }

    static (long, int)[] ChangesOf(ReadOnlySpan<byte> body, Header header, int width)
    {
        var changes = new (long, int)[header.Times];
        for (var i = 0; i < changes.Length; i++)
        {
            var at = width == 8 ? BinaryPrimitives.ReadInt64BigEndian(body[(i * 8)..])
                : BinaryPrimitives.ReadInt32BigEndian(body[(i * 4)..]);
            // Some files begin with a change at the beginning of the universe.
            changes[i] = (Math.Max(at, UnixTime.Min), OffsetOf(body, header, width, body[(header.Times * width) + i]));
        }

        return changes;
    }

    // The first type applies before the first change.
    static int FirstOffsetOf(ReadOnlySpan<byte> body, Header header, int width) => OffsetOf(body, header, width, 0);

    static int OffsetOf(ReadOnlySpan<byte> body, Header header, int width, int type) =>
        BinaryPrimitives.ReadInt32BigEndian(body[((header.Times * (width + 1)) + (type * 6))..]);

    readonly record struct Header(int UtcMarks, int StandardMarks, int Leaps, int Times, int Types, int Characters)
    {
        public static Header Read(ReadOnlySpan<byte> bytes) =>
            new(At(bytes, 20), At(bytes, 24), At(bytes, 28), At(bytes, 32), At(bytes, 36), At(bytes, 40));

        public int Length(int width) => (Times * (width + 1)) + (Types * 6) + Characters + (Leaps * (width + 4)) + StandardMarks + UtcMarks;

        static int At(ReadOnlySpan<byte> bytes, int index) => BinaryPrimitives.ReadInt32BigEndian(bytes[index..]);
    }
}
