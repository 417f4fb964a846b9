using System.Text.Json;
using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Core.Tests.Hosting;

public class JobFieldsTests
{
    static readonly DateTimeOffset Now = new(2040, 1, 1, 0, 0, 0, TimeSpan.Zero);
    static readonly EscapementOptions Options = new() { Zone = ZoneClock.Utc };

    static JobFields Read(string json) => JobFields.Read(JsonDocument.Parse(json).RootElement.EnumerateObject()
        .Select(field => KeyValuePair.Create(field.Name, field.Value)), Options, Now);

    [Fact]
    public void All_fields_are_read()
    {
        var job = Read("""
            {"id": "a", "name": "A", "func": "jobs:a", "args": [1], "kwargs": {"k": 2}, "trigger": "cron", "hour": 9, "minute": "*/15", "timezone": "Asia/Shanghai", "misfire_grace_time": 60,
             "coalesce": false, "max_instances": 3, "executor": "default", "jobstore": "default", "replace_existing": true, "next_run_time": "2040-01-02 03:00:00"}
            """);
        Assert.Equal(("a", "A", "jobs:a", "[1]", """{"k": 2}""", true),
            (job.Id!.Value.Value, job.Name, job.Handler, job.Arguments.Args, job.Arguments.Kwargs, job.ReplaceExisting));
        Assert.Equivalent(new JobPolicies
        {
            MisfireGrace = MisfireGrace.Of(TimeSpan.FromMinutes(1)),
            Coalesce = false,
            MaxInstances = 3,
            Executor = "default"
        }, job.Policies);
        Assert.Equal(new DateTimeOffset(2040, 1, 1, 9, 0, 0, TimeSpan.FromHours(8)), job.Trigger!.Next(Now));
        Assert.Equal(new DateTimeOffset(2040, 1, 2, 3, 0, 0, TimeSpan.FromHours(8)), job.Next);
    }

    [Fact]
    public void A_trigger_may_be_an_object() =>
        Assert.Equal(new DateTimeOffset(2040, 1, 2, 8, 0, 0, TimeSpan.Zero),
            Read("""{"trigger": {"type": "cron", "year": "2040", "day_of_week": "mon-fri", "hour": "8"}}""").Trigger!.Next(Now));

    [Fact]
    public void No_trigger_is_once_now_and_null_is_only_when_asked()
    {
        Assert.Equal(Now, Read("""{"id": "a"}""").NewTrigger(Options, Now)!.Next(Now));
        Assert.Null(Read("""{"trigger": null}""").NewTrigger(Options, Now));
    }

    [Fact]
    public void Null_has_its_own_meaning_for_grace_and_next_run_time()
    {
        var job = Read("""{"misfire_grace_time": null, "next_run_time": null}""");
        Assert.Equal((MisfireGrace.Unlimited, true), (job.Policies.MisfireGrace, job.Paused));
        Assert.Equal((null, false), (Read("{}").Policies.MisfireGrace, Read("{}").Paused));
    }

    [Theory]
    [InlineData("""{"max_instances": 0}""", "max_instances is 0; it must be a positive integer")]
    [InlineData("""{"max_instances": 1.5}""", "max_instances is 1.5"), InlineData("""{"max_instances": null}""", "max_instances is null"),
        InlineData("""{"max_instances": "2"}""", "max_instances is \"2\"")]
    [InlineData("""{"misfire_grace_time": 0}""", "positive whole seconds"), InlineData("""{"misfire_grace_time": -1}""", "or null"),
        InlineData("""{"coalesce": 1}""", "true and false")]
    [InlineData("""{"colour": 1}""", "colour is 1; there is no such field"),
        InlineData("""{"max_instance": 1}""", "The nearest is 'max_instances'")]
    [InlineData("""{"hour": 9}""", "no trigger is given"), InlineData("""{"trigger": null, "hour": 9}""", "no trigger is given"),
        InlineData("""{"trigger": {"type": "cron", "hour": 9}, "minute": 1}""", "Put it inside")]
    [InlineData("""{"trigger": "sometimes"}""", "\"sometimes\" is not a kind of trigger"),
        InlineData("""{"trigger": "cron", "hour": 25}""", "25"), InlineData("""{"trigger": "cron", "seconds": 5}""", "seconds")]
    [InlineData("""{"id": ""}""", "id is \"\""), InlineData("""{"id": 7}""", "id is 7"), InlineData("""{"args": {}}""", "args is {}"),
        InlineData("""{"kwargs": []}""", "kwargs is []")]
    [InlineData("""{"description": ""}""", "description is \"\"; a text of 1 to 1000"),
        InlineData("""{"description": 7}""", "description is 7"), InlineData("""{"description": "a\u202eb"}""", "description is")]
    [InlineData("""{"description": "a\nb"}""", "printable"), InlineData("""{"description": "\ud800"}""", "printable"),
        InlineData("""{"tags": "mail"}""", "tags is \"mail\"; a list of at most 20")]
    [InlineData("""{"tags": ["a", "a"]}""", "different"), InlineData("""{"tags": [7]}""", "tags is [7]"),
        InlineData("""{"tags": [""]}""", "tags is [\"\"]"), InlineData("""{"tags": [" a"]}""", "without a space")]
    [InlineData("""{"tags": [null]}""", "tags is [null]"), InlineData("""{"priority": 1001}""", "from -1000 to 1000"),
        InlineData("""{"priority": "1"}""", "priority is \"1\""), InlineData("""{"priority": null}""", "priority is null")]
    [InlineData("""{"history_days": 0}""", "history_days is 0; a whole number of days from 1 to 36500 is allowed, or null for none"),
        InlineData("""{"history_runs": 100001}""", "from 1 to 100000"), InlineData("""{"history_failed_days": "7"}""", "is \"7\""),
        InlineData("""{"history_days": 31}""", "history_days is 31; at most 30 is allowed, because RETENTION is 30d. A longer RETENTION"),
        InlineData("""{"history_failed_days": 36500}""", "history_failed_days is 36500; at most 30 is allowed")]
    [InlineData("""{"executor": "mail"}""", "the executors are default"), InlineData("""{"jobstore": "other"}""", "one store"),
        InlineData("""{"timezone": "Mars"}""", "Mars"), InlineData("""{"next_run_time": "tomorrow"}""", "tomorrow")]
    public void A_fault_names_field_value_and_what_is_allowed(string json, string says) =>
        Assert.Contains(says, Assert.Throws<JobFieldsException>(() => Read(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Null_takes_a_limit_of_the_history_away()
    {
        Assert.Equal((0, 0, 0), Read("""{"history_days": null, "history_runs": null, "history_failed_days": null}""").Policies is var none
            ? (none.HistoryDays, none.HistoryRuns, none.HistoryFailedDays) : default);
        Assert.Equal(30, Read("""{"history_days": 30}""").Policies.HistoryDays);
    }

    [Fact]
    public void All_faults_are_told_at_once() =>
        Assert.Equal(3, Assert.Throws<JobFieldsException>(() =>
            Read("""{"max_instances": 0, "coalesce": "x", "trigger": "cron", "hour": 25}""")).Faults.Count);

    [Fact]
    public void A_corrected_zone_is_a_remark() => Assert.Single(Read("""{"timezone": "China Standard Time"}""").Remarks);

    [Fact]
    public void Changed_arguments_keep_the_part_that_was_not_given()
    {
        var old = new JobArguments("[1]", """{"a":2}""");
        Assert.Equal(new("[3]", """{"a":2}"""), Read("""{"args": [3]}""").ChangedArguments(old));
        Assert.Null(Read("{}").ChangedArguments(old));
    }

    [Fact]
    public void Description_and_tags_have_limits_and_null_stands_for_none()
    {
        Assert.Equal(1000, Read($$"""{"description": "{{new string('x', 1000)}}"}""").Policies.Description!.Length);
        Assert.Throws<JobFieldsException>(() => Read($$"""{"description": "{{new string('x', 1001)}}"}"""));
        Assert.Equal(20, Read(
            $$"""{"tags": [{{string.Join(',', Enumerable.Range(0, 20).Select(i => $"\"{i}\""))}}]}""").Policies.Tags!.Count);
        Assert.Throws<JobFieldsException>(() =>
            Read($$"""{"tags": [{{string.Join(',', Enumerable.Range(0, 21).Select(i => $"\"{i}\""))}}]}"""));
        Assert.Throws<JobFieldsException>(() => Read($$"""{"tags": ["{{new string('x', 65)}}"]}"""));
        var none = Read("""{"description": null, "tags": null}""").Policies;
        Assert.Equal(("", []), (none.Description, none.Tags!.ToArray()));
        Assert.Equal(new(), none.ApplyTo(new JobOptions { Description = "Mails", Tags = ["mail"] }));
    }

    [Fact]
    public void Options_in_code_have_the_same_ranges()
    {
        Assert.Contains("priority is 1001; a whole number from -1000 to 1000",
            Assert.Throws<ArgumentOutOfRangeException>(() => new JobPolicies { Priority = 1001 }).Message, StringComparison.Ordinal);
        Assert.Contains("tags is [a, a]", Assert.Throws<ArgumentOutOfRangeException>(() => new JobOptions { Tags = ["a", "a"] }).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new JobPolicies { Description = "a\u001bb" });
        Assert.Throws<ArgumentOutOfRangeException>(() => new JobOptions { MaxInstances = 0 });
        Assert.Null(new JobOptions { MaxInstances = null }.MaxInstances);
        Assert.Throws<ArgumentNullException>(() => new JobOptions { Executor = null! });
        string[] given = ["a"];
        var options = new JobOptions { Tags = given };
        given[0] = "b";
        Assert.Equal(new JobOptions { Tags = ["a"] }, options);
    }
}
