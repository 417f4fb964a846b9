using System.Globalization;
using Escapement.Jobs;
using Escapement.Triggers;

namespace Escapement.Simulation;

/// <summary>What happens to the processes and the jobs of a year at an instant.</summary>
enum YearEvent
{
    /// <summary>The active process is killed, and another starts.</summary>
    Kill,

    /// <summary>Every process is killed, and another starts after a gap.</summary>
    KillAll,

    /// <summary>The active process is stopped in order, and another starts.</summary>
    Restart,

    /// <summary>All jobs are paused, and resumed later.</summary>
    PauseAll,

    /// <summary>A job is paused, and resumed later.</summary>
    Pause,

    /// <summary>The jobs of a tag are paused, and resumed later.</summary>
    PauseTag,

    /// <summary>The next fire time of a job is skipped.</summary>
    SkipNext,

    /// <summary>A job gets another trigger.</summary>
    Change,

    /// <summary>A job is removed, and added again later.</summary>
    Remove,

    /// <summary>The wall clock is set forward.</summary>
    Forward,

    /// <summary>The wall clock is set back.</summary>
    Back,
}

/// <summary>An event of a year.</summary>
/// <param name="At">The instant on the monotonic clock.</param>
/// <param name="Event">The event.</param>
/// <param name="Job">The number of the job, for an event of a job.</param>
/// <param name="Lasts">The duration of a pause, a removal or a gap, or the distance of a jump.</param>
sealed record YearFault(TimeSpan At, YearEvent Event, int Job, TimeSpan Lasts);

/// <summary>A job of a year.</summary>
/// <param name="Declared">The definition.</param>
/// <param name="Takes">The duration of its handler by the clock.</param>
/// <param name="FailsEvery">The number of runs of which one fails, or 0 for none.</param>
sealed record YearJob(Job Declared, TimeSpan Takes, int FailsEvery);

/// <summary>The jobs and the events of a year, made from a seed.</summary>
sealed class YearPlan
{
    /// <summary>The beginning of each year.</summary>
    public static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    static readonly string[] zones = ["UTC", "Europe/Berlin", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"];

    readonly Random chance;

    public YearPlan(int seed, int jobs, TimeSpan length)
    {
        chance = new(seed);
        Length = length;
        Jobs = [.. Enumerable.Range(0, jobs).Select(Job)];
        Faults = [.. Enumerable.Range(0, Math.Max(9, (int)(length.TotalDays / 2))).Select(_ => Fault()).OrderBy(fault => fault.At)];
    }

    public TimeSpan Length { get; }

    public IReadOnlyList<YearJob> Jobs { get; }

    public IReadOnlyList<YearFault> Faults { get; }

    /// <summary>Returns the tag of a job, shared by a fiftieth of the jobs.</summary>
    public static string TagOf(int job) => $"tag-{job % 50}";

    /// <summary>Returns another trigger for a job.</summary>
    public static Trigger Other(int job) => Cron.Parse($"{job % 60} {job % 24} * * *", zones[job % zones.Length]);

    YearJob Job(int number)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"job-{number:0000}");
        var takes = chance.Next(4) switch
        {
            0 => TimeSpan.FromSeconds(1 + chance.Next(300)),
            1 when number % 50 == 0 => TimeSpan.FromMinutes(chance.Next(180)),
            _ => TimeSpan.Zero,
        };
        return new(new()
        {
            Id = JobId.Parse(id),
            Name = id,
            Handler = id,
            Origin = JobOrigin.Code,
            DeclaredHash = id,
            Options = new()
            {
                MisfireGrace = chance.Next(4) switch
                {
                    0 => MisfireGrace.Unlimited,
                    1 => MisfireGrace.UntilNext,
                    _ => MisfireGrace.Of(TimeSpan.FromSeconds(1 + chance.Next(3600))),
                },
                Coalesce = chance.Next(3) > 0,
                MaxInstances = 1 + chance.Next(3),
                RerunIfInterrupted = chance.Next(4) == 0,
                Tags = [TagOf(number)],
                Executor = number % 100 == 99 ? "narrow" : JobOptions.Default,
            },
            Trigger = TriggerOf(number),
        }, takes, number % 20 == 7 ? 3 + chance.Next(20) : 0);
    }

    /// <summary>Returns a trigger of a mixed kind. About 2,000 fire times a year on average.</summary>
    Trigger TriggerOf(int number)
    {
        var zone = ZoneClock.Get(zones[chance.Next(zones.Length)]);
        var minute = 5 * chance.Next(12);
        return (number % 100) switch
        {
            // A hundredth of the jobs has a quarter of the fire times.
            0 => Cron.Parse("*/10 * * * *", zone),
            < 3 => new IntervalTrigger(TimeSpan.FromMinutes(30), Start, zone),
            < 8 => Cron.Parse("0 * * * *", zone),
            < 10 => new CronTrigger(Cron.Parse("30 * * * mon-fri", zone).Definition, zone) { Jitter = TimeSpan.FromSeconds(chance.Next(60)) },
            < 14 => new IntervalTrigger(TimeSpan.FromHours(2), Start.AddMinutes(minute), zone),
            < 20 => Cron.Parse(string.Create(CultureInfo.InvariantCulture, $"{minute} */3 * * *"), zone),
            < 40 => Cron.Parse(string.Create(CultureInfo.InvariantCulture, $"{minute} 2,8,14,20 * * *"), zone),
            < 60 => new CalendarIntervalTrigger(
                new(Days: 1 + chance.Next(6)), DateOnly.FromDateTime(Start.UtcDateTime), new(chance.Next(24), minute), zone),
            < 70 => new OrTrigger(
                [Cron.Parse("15 9 * * *", zone), Cron.Parse("45 21 * * sat,sun", zone), Cron.Parse("15 9 1 * *", zone)], zone),
            < 75 => new AndTrigger([Cron.Parse("0 */2 * * *", zone), Cron.Parse("0 */3 * * *", zone)], zone),
            < 80 => new LimitedTrigger(Cron.Parse("0 12 * * *", zone), 50 + chance.Next(100), Start),
            < 90 => new IntervalTrigger(
                TimeSpan.FromSeconds(86_400 + chance.Next(86_400)), Start.AddSeconds(chance.Next(86_400)), zone),
            _ => Cron.Parse(string.Create(CultureInfo.InvariantCulture, $"{minute} {chance.Next(24)} * * {chance.Next(7)}"), zone),
        };
    }

    YearFault Fault()
    {
        var what = chance.Next(100) switch
        {
            < 20 => YearEvent.Kill,
            < 35 => YearEvent.KillAll,
            < 55 => YearEvent.Restart,
            < 62 => YearEvent.PauseAll,
            < 69 => YearEvent.PauseTag,
            < 76 => YearEvent.Pause,
            < 80 => YearEvent.SkipNext,
            < 88 => YearEvent.Change,
            < 94 => YearEvent.Remove,
            < 97 => YearEvent.Forward,
            _ => YearEvent.Back,
        };
        return new(Length * chance.NextDouble() * 0.98, what, chance.Next(Jobs.Count), what switch
        {
            YearEvent.Forward or YearEvent.Back => TimeSpan.FromMinutes(1 + chance.Next(120)),
            YearEvent.PauseAll or YearEvent.PauseTag => TimeSpan.FromMinutes(1 + chance.Next(12 * 60)),
            YearEvent.KillAll => TimeSpan.FromMinutes(chance.Next(6 * 60)),
            _ => TimeSpan.FromMinutes(1 + chance.Next(48 * 60)),
        });
    }
}
