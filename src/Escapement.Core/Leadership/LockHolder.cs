using System.Globalization;
using System.Text;
using Escapement.Triggers;

namespace Escapement.Leadership;

/// <summary>Who holds a lock, as its file's lines say it: for people and for the others' messages. No decision rests on it but the epoch's floor and the store's name.</summary>
/// <param name="Pid">The process id.</param>
/// <param name="Host">Its host.</param>
/// <param name="Since">When its process started.</param>
/// <param name="Application">The application's name.</param>
/// <param name="Store">The store.</param>
/// <param name="Epoch">The epoch that it raised; 0 before it did.</param>
sealed record LockHolder(int Pid, string Host, DateTimeOffset Since, string Application, string Store, long Epoch)
{
    // Written in place over what stood there, so always the same number of bytes: a full disk or a crash leaves no half of a longer text behind.
    const int Length = 1024;

    // A floor beyond this was written by nobody's count, and would leave the next epochs no room.
    const long MaxEpoch = 1_000_000_000_000_000;

    /// <summary>The lines of the file.</summary>
    public string ToText()
    {
        var text = new StringBuilder()
            .Append(OwnFile.Mark).Append("lock. Deleting this file frees nothing: end the process.\n")
            .Append(CultureInfo.InvariantCulture, $"pid {Pid}\nhost {OneLine(Host, 64)}\nsince {Since:O}\n")
            .Append(CultureInfo.InvariantCulture, $"application {OneLine(Application, 128)}\nstore {OneLine(Store, 400)}\nepoch {Epoch}\n")
                .ToString();
        var bytes = Encoding.UTF8.GetByteCount(text);
        return bytes >= Length ? text : text + new string(' ', Length - bytes - 1) + "\n";
    }

    /// <summary>Reads the lines; null when they are not such.</summary>
    public static LockHolder? Parse(string text)
    {
        var lines = text.Split('\n').Select(line => line.Split(' ', 2)).Where(parts => parts.Length == 2)
            .ToLookup(parts => parts[0], parts => parts[1].Trim());
        return int.TryParse(lines["pid"].FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid > 0
            && lines["host"].FirstOrDefault() is { Length: > 0 } host
            && DateTimeOffset.TryParse(lines["since"]
                .FirstOrDefault(), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var since)
            && long.TryParse(lines["epoch"].FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
                && epoch <= MaxEpoch
            ? new(pid, host, since, lines["application"].FirstOrDefault() ?? "", lines["store"].FirstOrDefault() ?? "", epoch)
            : null;
    }

    static string OneLine(string text, int most)
    {
        var clean = Printable.Blanked(text);
        return clean.Length <= most ? clean : clean[..most];
    }
}
