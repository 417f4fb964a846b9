using Escapement.Engine;
using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Triggers;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Escapement.Core.Tests.Hosting;

/// <summary>Tests of named sets of days from the program, its settings and iCalendar files.</summary>
public sealed class ExcludedDatesTests : IDisposable
{
    static readonly DateTimeOffset Now = new(2040, 1, 1, 0, 0, 0, TimeSpan.Zero);

    readonly string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.ics");

    public void Dispose() => File.Delete(file);

    static Declarations Build(Action<EscapementBuilder> configure, params (string, string?)[] settings)
    {
        using var provider = new ServiceCollection().AddSingleton(Configured.By([("SCHEDULER_TIMEZONE", "UTC"), .. settings]))
            .AddEscapement(configure).BuildServiceProvider();
        return provider.GetRequiredService<JobDeclarations>().Build(Now);
    }

    static Job Only(Action<EscapementBuilder> configure, params (string, string?)[] settings) =>
        Assert.Single(Build(configure, settings).Jobs);

    static string Fault(Action<EscapementBuilder> configure, params (string, string?)[] settings) =>
        Assert.Single(Assert.Throws<SettingsException>(() => Build(configure, settings)).Faults);

    static void Report(EscapementBuilder scheduler) => scheduler.Add("report", Daily.At(9, 0).Except("holidays"), () => { });

    static string Next(Job job) => IsoTime.Format(job.Trigger!.Next(Now)!.Value);

    [Fact]
    public void A_set_of_the_program_may_be_declared_before_or_after_the_job_that_names_it()
    {
        Assert.Equal("2040-01-03T09:00:00+00:00", Next(Only(scheduler =>
        {
            Report(scheduler);
            scheduler.ExcludedDates("holidays", "2040-01-01", "01-02");
        })));
        Assert.Equal("2040-01-02T09:00:00+00:00", Next(Only(scheduler =>
        {
            scheduler.ExcludedDates("holidays", [new DateOnly(2040, 1, 1)]);
            Report(scheduler);
        })));
    }

    [Fact]
    public void A_set_of_the_settings_goes_before_one_of_the_program() => Assert.Equal(
        "2040-01-01T09:00:00+00:00",
        Next(Only(scheduler =>
            Report(scheduler.ExcludedDates("holidays", "2040-01-01")), ("SCHEDULER_EXCLUDED_DATES", """{"holidays": ["2040-01-02"]}"""))));

    [Fact]
    public void Jobs_of_the_settings_exclude_by_a_list_or_a_text()
    {
        foreach (var exclude in new[] { """["holidays", "00:00-12:00"]""", "\"holidays, 00:00-12:00\"" })
        {
            var job = Only(
                scheduler => scheduler.Handler("jobs:hello", () => { }),
                ("SCHEDULER_EXCLUDED_DATES", """{"holidays": ["2040-01-01"]}"""),
                ("SCHEDULER_JOBS", $$"""[{"id": "a", "func": "jobs:hello", "trigger": "cron", "hour": "9,15", "exclude": {{exclude}}, "times": 2}]"""));
            Assert.Equal("2040-01-02T15:00:00+00:00", Next(job));
        }
    }

    [Fact]
    public void A_declaration_changes_with_the_days_of_its_sets()
    {
        string Hash(string day) => Only(scheduler => Report(scheduler.ExcludedDates("holidays", day))).DeclaredHash!;
        Assert.Equal(Hash("2040-01-01"), Hash("2040-01-01"));
        Assert.NotEqual(Hash("2040-01-01"), Hash("2040-01-02"));
    }

    [Fact]
    public void An_iCalendar_file_gives_its_whole_days()
    {
        File.WriteAllText(file, """
            BEGIN:VCALENDAR
            VERSION:2.0
            PRODID:-//test//EN
            BEGIN:VEVENT
            UID:1
            DTSTART;VALUE=DATE:20300101
            DTEND;VALUE=DATE:20300102
            RRULE:FREQ=YEARLY
            SUMMARY:New year
            END:VEVENT
            BEGIN:VEVENT
            UID:2
            DTSTART;VALUE=DATE:20400102
            DTEND;VALUE=DATE:20400105
            SUMMARY:Works closed
            END:VEVENT
            BEGIN:VEVENT
            UID:3
            DTSTART:20400105T080000Z
            DTEND:20400105T100000Z
            SUMMARY:A meeting
            END:VEVENT
            BEGIN:VEVENT
            UID:4
            DTSTART;VALUE=DATE:20400105
            STATUS:CANCELLED
            END:VEVENT
            END:VCALENDAR
            """);
        Assert.Equal("2040-01-05T09:00:00+00:00", Next(Only(scheduler => Report(scheduler.ExcludedDatesFile("holidays", file)))));
        Assert.Equal("2040-01-05T09:00:00+00:00", Next(
            Only(Report, ("SCHEDULER_EXCLUDED_DATES", $$"""{"holidays": "{{file.Replace("\\", "/", StringComparison.Ordinal)}}"}"""))));
    }

    [Fact]
    public void What_cannot_be_used_stops_the_start_and_names_the_place()
    {
        Assert.Contains("'holidays' is not a set of excluded dates", Fault(Report), StringComparison.Ordinal);
        Assert.Contains("SCHEDULER_EXCLUDED_DATES:holidays: holidays: '2040-02-30' is not a day",
            Fault(_ => { }, ("SCHEDULER_EXCLUDED_DATES", """{"holidays": ["2040-02-30"]}""")), StringComparison.Ordinal);
        Assert.Contains("there is no file", Fault(scheduler => scheduler.ExcludedDatesFile("holidays", file)), StringComparison.Ordinal);
        File.WriteAllText(file, "no calendar");
        Assert.Contains(file, Fault(scheduler => scheduler.ExcludedDatesFile("holidays", file)), StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => Build(scheduler => scheduler.ExcludedDates("a").ExcludedDates("a")));
    }
}
