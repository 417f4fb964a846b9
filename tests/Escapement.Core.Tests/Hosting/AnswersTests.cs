using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Stores;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Core.Tests.Hosting;

/// <summary>Tests of the public view of a store's rows.</summary>
public class AnswersTests
{
    static readonly DateTimeOffset Now = new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero);

    static StoredJob Stored(string? trigger = "0 9 * * mon-fri") => new()
    {
        Job = new()
        {
            Id = JobId.Parse("report"),
            Name = "Report",
            Handler = "jobs:report",
            Arguments = new("[1]", "{}"),
            Trigger = trigger is null ? null : TriggerText.Parse(trigger, new(ZoneClock.Get("Asia/Shanghai"), Now)),
            Options = new() { Priority = 5, Tags = ["mail"] },
            Origin = JobOrigin.Code,
        },
        Number = 7,
        Version = 3,
        State = new JobState(Now.ToMicros(), Now.AddDays(-1).ToMicros(), 2, 1),
    };

    [Fact]
    public void A_job_has_the_definition_and_the_state()
    {
        var job = Answers.Of(Stored());
        Assert.Equal((JobId.Parse("report"), "Report", "jobs:report", new JobArguments("[1]", "{}"), JobOrigin.Code),
            (job.Id, job.Name, job.Handler, job.Arguments, job.Origin));
        Assert.Equal((5, "mail", 3L, 2, null, null),
            (job.Options.Priority, Assert.Single(job.Options.Tags), job.Version, job.Running, job.Paused, job.Error));
        Assert.Equal(("0 9 * * mon-fri in Asia/Shanghai", "At 09:00, Monday to Friday (Asia/Shanghai)."),
            (job.Trigger, job.ExplainTrigger()));
        Assert.Equal((Now, TimeSpan.FromHours(8)), (job.NextFireTime!.Value.ToUniversalTime(), job.NextFireTime.Value.Offset));
        Assert.Equal(Now.AddDays(-1), job.LastFireTime);
    }

    [Fact]
    public void A_trigger_of_the_programs_own_is_shown_in_its_own_words()
    {
        var stored = Stored();
        Assert.StartsWith("whenever it likes", Answers.Of(
            stored with { Job = stored.Job with { Trigger = new OwnTrigger(stored.Job.Trigger!) } }).Trigger, StringComparison.Ordinal);
    }

    sealed class OwnTrigger(Trigger inner) : Trigger
    {
        public override ZoneClock Zone => inner.Zone;

        public override DateTimeOffset? Next(DateTimeOffset from) => inner.Next(from);

        public override DateTimeOffset? Previous(DateTimeOffset before) => inner.Previous(before);

        public override long Count(DateTimeOffset from, DateTimeOffset to) => inner.Count(from, to);

        public override string ToString() => "whenever it likes";
    }

    [Fact]
    public void A_paused_job_shows_the_pause_and_no_next_fire_time()
    {
        var job = Answers.Of(Stored() with { Paused = new() { At = Now, Until = Now.AddHours(1), By = "ops", Why = "migration" } });
        Assert.Null(job.NextFireTime);
        Assert.Equivalent(new PauseInfo { Since = Now, Until = Now.AddHours(1), By = "ops", Why = "migration" }, job.Paused);
    }

    [Fact]
    public void A_job_that_runs_only_on_request_has_no_trigger()
    {
        var job = Answers.Of(Stored(trigger: null) with { State = JobState.None });
        Assert.Equal((null, null, null, null), (job.Trigger, job.ExplainTrigger(), job.NextFireTime, job.LastFireTime));
    }

    [Fact]
    public void A_job_that_cannot_be_read_says_why()
    {
        var job = Answers.Of(Stored() with { Job = Job.Unreadable(JobId.Parse("report"), "{", "The definition ends too early.") });
        Assert.Equal(("The definition ends too early.", "", null), (job.Error, job.Handler, job.Trigger));
    }

    [Theory]
    [InlineData("0 9 * * mon-fri")]
    [InlineData("every 20 minutes")]
    [InlineData("every 2 months at 09:30")]
    [InlineData("at 2030-05-01 12:00:00")]
    [InlineData("(0 9 * * *) or (every 7 hours) except holidays times 3 jitter 5 seconds")]
    public void The_sentence_can_be_made_of_the_text_alone(string trigger)
    {
        var context = new TriggerContext(ZoneClock.Get("Asia/Shanghai"), Now) { Dates = null };
        var job = Answers.Of(Stored() with { Job = Stored().Job with { Trigger = TriggerText.Parse(trigger, context) } });
        JobInfo read = new()
        {
            Id = job.Id,
            Name = job.Name,
            Handler = job.Handler,
            Arguments = job.Arguments,
            Trigger = job.Trigger,
            Options = job.Options,
            Origin = job.Origin,
            NextFireTime = job.NextFireTime,
            LastFireTime = job.LastFireTime,
            Running = job.Running,
            Paused = job.Paused,
            Version = job.Version,
            Error = job.Error,
        };
        foreach (var language in Enum.GetValues<Language>())
            Assert.Equal(job.ExplainTrigger(language), read.ExplainTrigger(language));
    }

    [Fact]
    public void A_run_has_all_that_its_row_tells()
    {
        var row = new Run
        {
            Id = new(Now.ToMicros(), 7, 0),
            Job = JobId.Parse("report"),
            FireTime = Now,
            Cause = RunCause.Backfill,
            State = RunState.Ended,
            Attempt = 2,
            ClaimedAt = Now.AddSeconds(1),
            StartedAt = Now.AddSeconds(2),
            FinishedAt = Now.AddSeconds(3),
            Outcome = Outcome.Failed,
            Reason = Reason.Interrupted,
            Error = "no",
            Node = "web-1",
            Epoch = 4,
            Token = 9,
        };
        Assert.Equivalent(
            new RunInfo
            {
                Id = row.Id,
                Job = row.Job,
                FireTime = Now,
                Cause = RunCause.Backfill,
                State = RunState.Ended,
                Attempt = 2,
                ClaimedAt = Now.AddSeconds(1),
                StartedAt = Now.AddSeconds(2),
                FinishedAt = Now.AddSeconds(3),
                Outcome = Outcome.Failed,
                Reason = Reason.Interrupted,
                Error = "no",
                Node = "web-1",
                Epoch = 4,
            },
            Answers.Of(row));
        var page = Answers.Of(new RunPage([row], row.Id, Now));
        Assert.Equal((row.Id, row.Id, Now), (Assert.Single(page.Runs).Id, page.Next!.Value, page.LookedTo));
    }
}
