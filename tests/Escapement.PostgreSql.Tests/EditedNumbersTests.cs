using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Testing.Stores;
using Escapement.Triggers;
using Npgsql;

namespace Escapement.PostgreSql.Tests;

/// <summary>Numbers and names that a manual edit has changed, which claims, ends and heartbeats compare or count on.</summary>
public sealed class EditedNumbersTests : StoreContract<PostgreSqlUnderTest>
{
    const string Max = "9223372036854775807", Min = "-9223372036854775808";

    [Theory]
    [InlineData("update epoch set state = 99")]
    [InlineData("update epoch set state = " + Min)]
    [InlineData("update state set number = 99")]
    [InlineData("update epoch set claims = " + Max)]
    [InlineData("update epoch set claims = " + Min)]
    public async Task A_number_that_claims_compare_stops_no_claim(string change)
    {
        await AddAsync("job", Every(10));
        await BeginAsync();
        await ChangeAsync(change);

        var claimed = await Store.ClaimAsync(Request() with { Number = 1 }, None).WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);

        Assert.Equal([0], FireTimes(claimed));
        await FinishAsync(claimed.Runs[0]);
        MoveTo(10);
        Assert.Equal([10], FireTimes(await Store.ClaimAsync(Request() with { Number = 2 }, None)));
        Assert.True((await Store.ClaimAsync(Request() with { Number = 2 }, None)).Fenced);
    }

    [Theory]
    [InlineData("update state set number = " + Max)]
    [InlineData("update state set stamp = " + Max)]
    [InlineData("update state set probes = " + Max)]
    [InlineData("update due set stamp = " + Max)]
    public async Task A_counter_at_its_maximum_begins_anew(string change)
    {
        await AddAsync("job", Every(10));
        await ChangeAsync(change);

        await BeginAsync();
        await ChangeStateAsync(SchedulerEdits.Pause());
        await ChangeStateAsync(SchedulerEdits.Resume);
        await Store.LookAsync(new Sign.Probe("b", default), None);
        await EditAsync(JobEdits.Pause(Id("job")));
        await EditAsync(JobEdits.Resume(Id("job")));

        Assert.Equal([10], await WorkAsync(10));
    }

    [Theory]
    [InlineData("select setval('token', " + Max + ")", "has a sequence at its end. PostgreSQL answered: nextval: reached maximum value of sequence", null)]
    [InlineData("alter table running add extra bigint not null", "must have a default or allow null", "alter table running drop extra")]
    public async Task What_refuses_every_claim_is_named_and_claims_go_on_afterwards(string change, string told, string? mend)
    {
        var schema = Store.Place.Name.Split(' ')[^1];
        await AddAsync("job", Every(10));
        await BeginAsync();
        await Server.Current.ExecuteAsync(change, schema);

        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => ClaimAsync());

        Assert.Contains(told, fault.Message, StringComparison.Ordinal);

        // Without a statement of the test, the statement of the message.
        await Server.Current.ExecuteAsync(mend ?? fault.Message[fault.Message.IndexOf("select setval", StringComparison.Ordinal)..]
            .Replace(". Nothing was changed.", "", StringComparison.Ordinal), schema);
        Assert.Equal([0], FireTimes(await ClaimAsync()));
    }

    [Fact]
    public async Task A_constraint_that_was_added_is_named_and_other_jobs_go_on()
    {
        await AddAsync("job", Every(10));
        await AddAsync("other", Every(10));
        await BeginAsync();
        await Server.Current.ExecuteAsync("alter table running add constraint odd check (job <> 1)", Store.Place.Name.Split(' ')[^1]);

        var claimed = await ClaimAsync();

        Assert.Equal("other", Assert.Single(claimed.Runs).Job.Id.Value);
        Assert.Contains("Drop the constraint odd", Assert.Single(claimed.SetAside).Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("running = " + Min)]
    [InlineData("running = " + Max)]
    [InlineData("change = " + Max)]
    [InlineData("change = " + Min)]
    [InlineData("blocked = " + Min)]
    [InlineData("blocked = " + Max)]
    public async Task A_count_of_a_job_keeps_no_run_of_a_lost_node_from_its_end(string value)
    {
        await AddAsync("job", Every(10), Options(rerun: true));
        await AddAsync("other", Every(10));
        await BeginAsync();
        Assert.Equal(2, (await ClaimAsync()).Runs.Count);
        await ChangeAsync($"update due set {value} where job = 1");

        var settled = (await BeginAsync("b", lost: ["a"])).Settled;

        Assert.Equal(2, settled);
        Assert.Equal([0], FireTimes((await RunsAsync(new() { Job = Id("other") })).Where(run => run.Outcome == Outcome.Interrupted)));
    }

    [Fact]
    public async Task An_epoch_that_was_given_to_another_node_is_over_for_its_node()
    {
        await BeginAsync();
        await ChangeAsync("update epoch set node = 'x'");

        Assert.Empty((await HeartbeatAsync()).Living);
        Assert.True((await ClaimAsync()).Fenced);
    }

    [Fact]
    public async Task A_text_that_is_no_id_of_a_job_leaves_the_ledger_readable()
    {
        await AddAsync("job", Every(10));
        await AddAsync("other", Every(10));
        await ChangeAsync("update job set id = '' where number = 1");

        var audit = await Store.AuditAsync(Start, At(100), Language.English, None);

        Assert.Contains(audit.Jobs, job => job.Job == Id("other"));
        Assert.Contains((await Store.LedgerAsync(new() { OnlyActions = new() }, None)).Actions, action => action.Job == Id("unreadable-1"));
    }

    async Task ChangeAsync(string sql)
    {
        await using var database = NpgsqlDataSource.Create($"{Server.Current.ConnectionString};Search Path={Store.Place.Name.Split(' ')[^1]}");
        await using var command = database.CreateCommand(sql);
        Assert.NotEqual(0, await command.ExecuteNonQueryAsync());
    }
}
