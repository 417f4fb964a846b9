using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Escapement.Jobs;
using Escapement.Rules;

namespace Escapement.Sqlite;

/// <summary>The messages between notifiers: a letter, a number and the payload.</summary>
abstract record NotifierMessage
{
    /// <summary>The maximum size of a message. Longer messages are ignored.</summary>
    public const int MaxBytes = 32 * 1024;

    const int HeadBytes = 1 + sizeof(long), RunBytes = 3 * sizeof(long);

    const StoreSignal All = StoreSignal.Work | StoreSignal.Epoch | StoreSignal.Probe | StoreSignal.RunEnded;

    /// <summary>A notification.</summary>
    public sealed record Notified(Notification Notification) : NotifierMessage;

    /// <summary>A request for the node reports of all processes, with the name of the socket for the answer.</summary>
    public sealed record Asks(long Number, string From) : NotifierMessage;

    /// <summary>The node reports of the process with the named socket.</summary>
    public sealed record Answers(long Number, string From, IReadOnlyList<NodeInfo> Reports) : NotifierMessage;

    public static ReadOnlySpan<byte> Nothing => "-"u8;

    /// <summary>Returns the message of a notification: the signal, followed by the keys of the ended runs.</summary>
    public static byte[] Notify(Notification notification)
    {
        var runs = notification.Runs ?? [];
        var message = Head('N', (long)notification.Signal, runs.Count * RunBytes);
        for (var i = 0; i < runs.Count; i++)
        {
            var place = message.AsSpan(HeadBytes + i * RunBytes);
            BinaryPrimitives.WriteInt64BigEndian(place, runs[i].FireTime);
            BinaryPrimitives.WriteInt64BigEndian(place[sizeof(long)..], runs[i].Job);
            BinaryPrimitives.WriteInt64BigEndian(place[(2 * sizeof(long))..], runs[i].Number);
        }

        return message;
    }

    public static byte[] Question(long number, string from) => [.. Head('Q', number, 0), .. Encoding.UTF8.GetBytes(from)];

    public static byte[] Answer(long number, string from, NodeInfo[] reports) =>
        [.. Head('A', number, 0), .. Encoding.UTF8.GetBytes(from), (byte)'\n',
            .. JsonSerializer.SerializeToUtf8Bytes(reports, ReportJson.Default.NodeInfoArray)];

    static List<RunId> Runs(ReadOnlySpan<byte> bytes)
    {
        List<RunId> runs = [];
        for (; !bytes.IsEmpty; bytes = bytes[RunBytes..])
        {
            runs.Add(new(
                BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes[sizeof(long)..]),
                    BinaryPrimitives.ReadInt64BigEndian(bytes[(2 * sizeof(long))..])));
        }

        return runs;
    }

    static byte[] Head(char letter, long number, int more)
    {
        var message = new byte[HeadBytes + more];
        message[0] = (byte)letter;
        BinaryPrimitives.WriteInt64BigEndian(message.AsSpan(1), number);
        return message;
    }

    /// <summary>Parses a message. Returns null if the message is invalid.</summary>
    public static NotifierMessage? Read(ReadOnlySpan<byte> message)
    {
        if (message.Length is < HeadBytes or >= MaxBytes) return null;
        var number = BinaryPrimitives.ReadInt64BigEndian(message[1..]);
        var rest = message[HeadBytes..];
        switch (message[0])
        {
            case (byte)'N' when rest.Length % RunBytes == 0 && rest.Length <= Notification.MaxRuns * RunBytes:
                return new Notified(new((StoreSignal)number & All, rest.Length == 0 ? null : Runs(rest)));
            case (byte)'Q':
                return new Asks(number, Encoding.UTF8.GetString(rest));
            case (byte)'A' when rest.IndexOf((byte)'\n') is var end and > 0:
                try
                {
                    var reports = JsonSerializer.Deserialize(rest[(end + 1)..], ReportJson.Default.NodeInfoArray);
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

/// <summary>JSON serialisation of node reports, without reflection.</summary>
[JsonSerializable(typeof(NodeInfo[]))]
sealed partial class ReportJson : JsonSerializerContext;
