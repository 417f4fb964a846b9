using System.Globalization;
using System.Text;
using Escapement.Triggers;

namespace Escapement.Leadership;

/// <summary>The holder of a lock as written in the lock file, for messages. Decisions depend only on the epoch floor
/// and the name of the store.</summary>
/// <param name="Pid">The process id.</param>
/// <param name="Host">The host of the process.</param>
/// <param name="Since">The start of the process.</param>
/// <param name="Application">The application's name.</param>
/// <param name="Store">The store.</param>
/// <param name="Epoch">The epoch of the process, or 0 before its epoch.</param>
sealed record LockHolder(int Pid, string Host, DateTimeOffset Since, string Application, string Store, long Epoch)
{
    // Written in place with a constant length, so that a full disk or a crash leaves no remains of a longer text.
    const int Length = 1024;

    // A higher floor cannot stem from counting, and would leave no room for further epochs.
    const long MaxEpoch = 1_000_000_000_000_000;

    /// <summary>Returns the text of the file.</summary>
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

    /// <summary>Parses the text. Returns null if the text is invalid.</summary>
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
