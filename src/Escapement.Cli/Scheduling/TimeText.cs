using System.Globalization;

namespace Escapement.Cli.Scheduling;

/// <summary>Shows instants of an answer on a terminal. Through a pipe an instant stays as it is.</summary>
/// <param name="isForPeople">True for a terminal.</param>
sealed class TimeText(bool isForPeople)
{
    /// <summary>Returns an instant with date, time and offset, in the offset of the answer.</summary>
    public string Full(string iso) => Show(iso, "yyyy-MM-dd HH:mm:ss zzz", at => at);

    /// <summary>Returns an instant with date and time, in the offset of the answer.</summary>
    public string Short(string iso) => Show(iso, "yyyy-MM-dd HH:mm:ss", at => at);

    /// <summary>Returns the second of two instants: without the date if the first has the same date.</summary>
    public string Second(string first, string iso) => Read(first) is { } one && Read(iso) is { } two && one.Date == two.Date
        ? Show(iso, "HH:mm:ss", at => at)
        : Short(iso);

    /// <summary>Returns an instant with date and time in the zone of this machine.</summary>
    public string Here(string iso) => Show(iso, "yyyy-MM-dd HH:mm:ss", at => at.ToLocalTime());

    /// <summary>Returns the time between two instants, or an empty text.</summary>
    public string Between(string from, string to)
    {
        if (Read(from) is not { } begin || Read(to) is not { } end) return "";
        var span = end - begin;
        if (!isForPeople) return span.TotalSeconds.ToString("0.######", CultureInfo.InvariantCulture);
        return span switch
        {
            { Ticks: < 0 } => "",
            { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0} ms"),
            { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.0} s"),
            { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.Minutes} min {span.Seconds} s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{(long)span.TotalHours} h {span.Minutes} min"),
        };
    }

    string Show(string iso, string format, Func<DateTimeOffset, DateTimeOffset> zone)
    {
        if (!isForPeople || Read(iso) is not { } at) return iso;
        return zone(at).ToString(format, CultureInfo.InvariantCulture);
    }

    static DateTimeOffset? Read(string iso) =>
        DateTimeOffset.TryParse(iso, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at) ? at : null;
}
