using Escapement.Ledger;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>Tests of answers about several jobs.</summary>
public abstract partial class AccountContract<TStore>
{
    [Fact]
    public async Task The_runs_of_several_jobs_are_read_by_their_spans()
    {
        await AddAsync("a", Every(10));
        await AddAsync("b", Every(20));
        await BeginAsync();
        await WorkAsync(0, 10, 20, 30);
        var asked = 0;

        var part = await Store.LedgerAsync(new() { Runs = false, Then = Ask }, None);

        Assert.Equal([("b", 0d), ("b", 20d), ("a", 10d), ("a", 20d), ("a", 0d), ("b", 20d), ("a", 20d), ("b", 20d)],
            part.Rows.Select(run => (run.Job.Value, Seconds(run.FireTime))));

        RunReads? Ask(LedgerPart layers)
        {
            if (asked++ > 0) return null;
            long Number(string job) => layers.Jobs.Single(stored => stored.Job.Id == Id(job)).Number;
            RunSpan Span(string job, double from, double to) => new(Number(job), At(from).ToMicros(), At(to).ToMicros());
            return new()
            {
                Rows =
                [
                    Span("b", 0, 25), Span("a", 5, 25), RunSpan.Of(Number("a"), Start.ToMicros()), Span("b", 5, 40),
                    new(RunSpan.AllJobs, At(20).ToMicros(), At(21).ToMicros()),
                ],
            };
        }
    }

    [Fact]
    public async Task Merged_fire_times_have_one_cause_for_each_record_that_made_them_late()
    {
        await AddAsync("a", Every(10), Options(grace: 1000));
        await AddAsync("b", Every(10), Options(grace: 1000));
        await BeginAsync("one");
        await WorkAsync(0, 10);
        MoveTo(12);
        await HeartbeatAsync();
        MoveTo(52);
        await BeginAsync("two");
        await WorkAsync(52, 60);
        MoveTo(61);
        await HeartbeatAsync();
        MoveTo(92);
        await BeginAsync("three");
        await WorkAsync(92, 100);

        var causes = (await AuditAsync(At(0), At(105))).Causes;

        Assert.Equal([(Reason.Coalesced, At(20), 6, 2), (Reason.Coalesced, At(70), 4, 2)],
            causes.Select(cause => (cause.Reason, cause.First, (int)cause.Count, cause.JobCount)));
        Assert.NotEqual(causes[0].Sentence, causes[1].Sentence);
    }

    [Fact]
    public async Task The_record_of_an_audit_begins_with_its_last_job_inside_the_span()
    {
        await AddAsync("old", Every(10), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0, 10, 20, 45);
        await AddAsync("young", Every(10), Options(grace: 1));
        await WorkAsync(50, 60);

        Assert.Equal(At(45), (await AuditAsync(At(0), At(65))).CompleteSince);
        Assert.Equal(At(45), (await WhyAsync("young", At(0), At(65))).CompleteSince);
        Assert.Null((await WhyAsync("young", At(0), At(40))).CompleteSince);
        Assert.Null((await AuditAsync(At(0), At(40))).CompleteSince);
    }
}
