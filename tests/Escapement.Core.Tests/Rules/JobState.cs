using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;

namespace Escapement.Core.Tests.Rules;

/// <summary>Builds the states and moments of the rules' tests; instants are seconds after a start.</summary>
static class JobState
{
    public static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly TimeSpan GraceLimit = TimeSpan.FromHours(24);
    public static readonly JobId Id = JobId.Parse("j");

    public static DateTimeOffset At(double seconds) => Start.AddMicroseconds(Math.Round(seconds * 1e6));

    public static double Seconds(DateTimeOffset instant) => (instant - Start).TotalSeconds;

    public static Trigger Every(double seconds, double? end = null) =>
        new IntervalTrigger(TimeSpan.FromSeconds(seconds), Start, ZoneClock.Utc, end is { } last ? At(last) : null);

    public static Job Job(Trigger? trigger, Grace? grace = null, bool coalesce = true, int? most = 1) => new()
    {
        Id = Id,
        Name = "j",
        Handler = "work",
        Trigger = trigger,
        Options = new() { Grace = grace ?? Grace.Of(TimeSpan.FromSeconds(1)), Coalesce = coalesce, MaxInstances = most },
    };

    public static StoredJob Due(Job job, double next = 0, int running = 0, double? last = null, PauseMark? paused = null) => new()
    {
        Job = job, Number = 1, Next = At(next), Running = running, LastFireTime = last is { } fireTime ? At(fireTime) : null, Paused = paused,
    };

    /// <summary>A claim of an epoch that began long before anything was due.</summary>
    public static Moment Now(double now) => new(At(now), GraceLimit, new(), At(-1_000_000), null);

    public static (List<double> Runs, List<(double First, double Last, long Count, Reason Reason)> Entries, double? Next) Decided(
        StoredJob stored, Moment moment, params double[] ran)
    {
        var decision = Decide.Due(stored, moment, fireTime => ran.Contains(Seconds(fireTime)));
        return ([.. decision.Runs.Select(Seconds)], Shown(decision.Entries), decision.Next is { } next ? Seconds(next) : null);
    }

    /// <summary>Keeps what a change makes of a job's account.</summary>
    public static void Write(List<Entry> entries, JobAccount account)
    {
        if (account.Forgotten is var (trigger, from))
        {
            List<Entry> kept = [.. entries.Select(entry => Decide.Before(trigger, entry, from)).OfType<Entry>()];
            entries.Clear();
            entries.AddRange(kept);
        }
        entries.AddRange(account.Entries);
    }

    public static List<(double First, double Last, long Count, Reason Reason)> Shown(IEnumerable<Entry> entries) =>
        [.. entries.Select(entry => (Seconds(entry.First), Seconds(entry.Last), entry.Count, entry.Reason))];
}
