using Escapement.Ledger;
using Escapement.Rules;
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

        var rows = (await ReadAsync(int.MaxValue)).Rows;

        Assert.Equal([("b", 0d), ("b", 20d), ("a", 10d), ("a", 20d), ("a", 0d), ("b", 20d), ("a", 20d), ("b", 20d)],
            rows.Select(run => (run.Job.Value, Seconds(run.FireTime))));
        for (var limit = 0; limit <= rows.Count; limit++)
        {
            var read = (await ReadAsync(limit)).Rows;
            Assert.Equal(limit, read.Count);
            Assert.Subset(rows.Select(run => run.Id).ToHashSet(), read.Select(run => run.Id).ToHashSet());
        }

        async Task<LedgerPart> ReadAsync(int limit)
        {
            var asked = 0;
            return await Store.LedgerAsync(new() { Runs = false, Then = layers => asked++ > 0 ? null : Ask(layers, limit) }, None);
        }

        RunReads Ask(LedgerPart layers, int limit)
        {
            long Number(string job) => layers.Jobs.Single(stored => stored.Job.Id == Id(job)).Number;
            RunSpan Span(string job, double from, double to) => new(Number(job), At(from).ToMicros(), At(to).ToMicros());
            return new()
            {
                Rows =
                [
                    Span("b", 0, 25), Span("a", 5, 25), RunSpan.Of(Number("a"), Start.ToMicros()), Span("b", 5, 40),
                    new(RunSpan.AllJobs, At(20).ToMicros(), At(21).ToMicros()),
                ],
                Limit = limit,
            };
        }
    }

    [Theory]
    [InlineData(9, 7, 5)]
    [InlineData(9, 3, 5)]
    [InlineData(12, 3, 5)]
    [InlineData(9, 3, -100)]
    [InlineData(9, 20, -100)]
    public async Task A_clock_that_is_set_back_to_before_a_changed_definition_leaves_no_fire_time_of_the_old_definition(
        double changed, double period, double back)
    {
        await BeginAsync();
        MoveTo(1);
        await AddAsync("a", Every(10));
        MoveTo(changed);
        await EditAsync(JobEdits.Change(Id("a"), job => job with { Trigger = Every(period) }));
        await WorkAsync(changed + period, changed + period * 2);
        var ahead = changed + period * 2 + 1;
        MoveTo(back);
        await EditAsync(JobEdits.ClockWentBack(Id("a"), At(ahead)));
        await MarkAsync(back, ahead);
        await WorkAsync(back + period, back + period * 2);
        MoveTo(ahead);
        await MarkAsync(back + period * 2, ahead);
        await WorkAsync(ahead, ahead + period * 2);

        var audit = await AuditAsync(At(-200), At(200));

        Assert.Empty(audit.Imbalances);
        Assert.True(audit.Account.Balanced);

        Task MarkAsync(double from, double to) => Store.ChangeAsync(new()
        {
            Marks = [new() { Kind = MarkKind.ClockJump, From = At(from), To = At(to), Epoch = Current.Number }],
        }, None);
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
