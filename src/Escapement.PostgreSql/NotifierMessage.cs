using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Escapement.Jobs;
using Escapement.Rules;

namespace Escapement.PostgreSql;

/// <summary>The messages between notifiers: words separated by spaces. PostgreSQL carries less than 8,000 bytes.</summary>
abstract record NotifierMessage
{
    const int MaxBytes = 7_900;

    const StoreSignal All = StoreSignal.Work | StoreSignal.Epoch | StoreSignal.Probe | StoreSignal.RunEnded;

    /// <summary>A notification.</summary>
    /// <param name="From">The server process of the sender's listening session, or 0 for a sender that wants its own
    /// notification.</param>
    /// <param name="Notification">The notification.</param>
    public sealed record Notified(long From, Notification Notification) : NotifierMessage;

    /// <summary>A request for the node reports of all processes.</summary>
    public sealed record Asks(long From, long Number) : NotifierMessage;

    /// <summary>A node report. Each report is a message of its own.</summary>
    /// <param name="From">The answering process.</param>
    /// <param name="To">The asking process.</param>
    /// <param name="Number">The number of the question.</param>
    /// <param name="Count">The number of reports of the answering process.</param>
    /// <param name="Report">The report, or null for a process without a node.</param>
    public sealed record Answers(long From, long To, long Number, int Count, NodeInfo? Report) : NotifierMessage;

    public static string Notify(long from, Notification notification) =>
        string.Join(' ', ["N", Text(from), Text((long)notification.Signal), .. (notification.Runs ?? []).Select(run => run.ToString())]);

    public static string Question(long from, long number) => string.Join(' ', "Q", Text(from), Text(number));

    public static IEnumerable<string> Answer(long from, long to, long number, IReadOnlyList<NodeInfo> reports)
    {
        var head = string.Join(' ', "A", Text(from), Text(to), Text(number), Text(Math.Max(1, reports.Count)));
        if (reports.Count == 0) yield return head;
        foreach (var report in reports)
        {
            var message = $"{head} {JsonSerializer.Serialize(report, ReportJson.Default.NodeInfo)}";
            yield return Encoding.UTF8.GetByteCount(message) < MaxBytes ? message : head;
        }
    }

    /// <summary>Parses a message. Returns null if the message is invalid: any role of the database may send one.</summary>
    public static NotifierMessage? Read(string message)
    {
        var words = message.Split(' ', 6);
        if (words.Length < 3 || !TryNumber(words[1], out var from) || !TryNumber(words[2], out var second)) return null;
        switch (words[0])
        {
            case "N":
                List<RunId> runs = [];
                foreach (var word in message.Split(' ').Skip(3))
                {
                    if (!RunId.TryParse(word, out var run) || runs.Count == Notification.MaxRuns) return null;
                    runs.Add(run);
                }

                return new Notified(from, new((StoreSignal)second & All, runs.Count == 0 ? null : runs));
            case "Q":
                return new Asks(from, second);
            case "A" when words.Length >= 5 && TryNumber(words[3], out var number) && TryNumber(words[4], out var count):
                return TryReport(words.Length > 5 ? words[5] : null, out var report)
                    ? new Answers(from, second, number, (int)Math.Clamp(count, 1, 1_000), report)
                    : null;
            default:
                return null;
        }
    }

    static bool TryReport(string? text, out NodeInfo? report)
    {
        report = null;
        if (text is null) return true;
        try
        {
            report = JsonSerializer.Deserialize(text, ReportJson.Default.NodeInfo);
            return report is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

/// <summary>JSON serialisation of node reports, without reflection.</summary>
[JsonSerializable(typeof(NodeInfo))]
sealed partial class ReportJson : JsonSerializerContext;
