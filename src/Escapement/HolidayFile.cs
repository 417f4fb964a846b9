using Escapement.Triggers;
using Ical.Net;
using Ical.Net.CalendarComponents;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Escapement;

/// <summary>Reads the dates of the all-day events in an iCalendar file. Recurring events are read up to the end of
/// 2099. Cancelled events and events with a time of day are ignored.</summary>
static class HolidayFile
{
    const int MaxBytes = 8 << 20;
    const int MaxOccurrences = 200_000;
    static readonly DateOnly End = new(2100, 1, 1);

    /// <summary>Reads a file as a named set of dates.</summary>
    /// <exception cref="FormatException">The file is not an iCalendar file, or contains no all-day event. The message
    /// names the file.</exception>
    public static NamedDates Read(IServiceProvider services, string name, string path)
    {
        var file = Path.GetFullPath(path, services.GetService<IHostEnvironment>()?.ContentRootPath ?? AppContext.BaseDirectory);
        if (!File.Exists(file)) throw new FormatException($"there is no file {file}.");
        if (new FileInfo(file).Length > MaxBytes)
        {
            throw new FormatException($"{file} is larger than {MaxBytes >> 20} MB, the maximum for an iCalendar file.");
        }

        HashSet<DateOnly> days = [];
        try
        {
            foreach (var calendar in Calendar.Load<Calendar>(File.ReadAllText(file))) Collect(calendar, days, file);
        }
        catch (Exception e) when (e is not (FormatException or IOException))
        {
            // The parser throws various exceptions for a file in another format.
            throw new FormatException($"{file} is not an iCalendar file: {e.Message}", e);
        }

        return days.Count > 0 ? NamedDates.Of(name, days.Order()) : throw new FormatException(
            $"{file} contains no all-day event (DTSTART;VALUE=DATE), so there is nothing to exclude.");
    }

    static void Collect(Calendar calendar, HashSet<DateOnly> days, string file)
    {
        var looked = 0;
        foreach (var occurrence in calendar.GetOccurrences<CalendarEvent>())
        {
            var period = occurrence.Period;
            if (period.StartTime.Date >= End) return;
            if (++looked > MaxOccurrences)
            {
                throw new FormatException($"{file} has events that recur more than {MaxOccurrences} times until the end of 2099.");
            }

            if (period.StartTime.HasTime || occurrence.Source is CalendarEvent { Status: "CANCELLED" }) continue;

            // The end of an all-day event is exclusive. Without an end the event lasts a day.
            var after = period.EffectiveEndTime?.Date is { } end && end > period.StartTime.Date ? end : period.StartTime.Date.AddDays(1);
            for (var day = period.StartTime.Date; day < after && day < End; day = day.AddDays(1)) days.Add(day);
        }
    }
}
