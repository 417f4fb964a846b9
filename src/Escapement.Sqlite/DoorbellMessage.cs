using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>What is sent from doorbell to doorbell: a letter, a number, and what goes with it.</summary>
abstract record DoorbellMessage
{
    /// <summary>Anything longer is none of ours.</summary>
    public const int MostBytes = 32 * 1024;

    const int HeadBytes = 1 + sizeof(long);

    /// <summary>A ring.</summary>
    public sealed record Rung(Bell Bell) : DoorbellMessage;

    /// <summary>The socket of that name asks who is here.</summary>
    public sealed record Asks(long Number, string From) : DoorbellMessage;

    /// <summary>The nodes of the process behind the socket of that name.</summary>
    public sealed record Answers(long Number, string From, IReadOnlyList<NodeReport> Reports) : DoorbellMessage;

    public static ReadOnlySpan<byte> Nothing => "-"u8;

    public static byte[] Ring(Bell bell) => Head('R', (long)bell, 0);

    public static byte[] Question(long number, string from) => [.. Head('Q', number, 0), .. Encoding.UTF8.GetBytes(from)];

    public static byte[] Answer(long number, string from, NodeReport[] reports) =>
        [.. Head('A', number, 0), .. Encoding.UTF8.GetBytes(from), (byte)'\n', .. JsonSerializer.SerializeToUtf8Bytes(reports, ReportJson.Default.NodeReportArray)];

    static byte[] Head(char letter, long number, int more)
    {
        var message = new byte[HeadBytes + more];
        message[0] = (byte)letter;
        BinaryPrimitives.WriteInt64BigEndian(message.AsSpan(1), number);
        return message;
    }

    /// <summary>Reads a message; null for one that has no sense.</summary>
    public static DoorbellMessage? Read(ReadOnlySpan<byte> message)
    {
        if (message.Length is < HeadBytes or >= MostBytes) return null;
        var number = BinaryPrimitives.ReadInt64BigEndian(message[1..]);
        var rest = message[HeadBytes..];
        switch (message[0])
        {
            case (byte)'R':
                return new Rung((Bell)number & (Bell.Work | Bell.Epoch | Bell.Question | Bell.RunEnded));
            case (byte)'Q':
                return new Asks(number, Encoding.UTF8.GetString(rest));
            case (byte)'A' when rest.IndexOf((byte)'\n') is var end and > 0:
                try
                {
                    var reports = JsonSerializer.Deserialize(rest[(end + 1)..], ReportJson.Default.NodeReportArray);
                    return reports is null ? null : new Answers(number, Encoding.UTF8.GetString(rest[..end]), reports);
                }
                catch (JsonException)
                {
                    return null;
                }
            default:
                return null;
        }
    }
}

/// <summary>The JSON form of reports, without reflection.</summary>
[JsonSerializable(typeof(NodeReport[]))]
sealed partial class ReportJson : JsonSerializerContext;
