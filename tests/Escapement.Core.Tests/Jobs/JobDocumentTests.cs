using Escapement.Jobs;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Core.Tests.Jobs;

public class JobDocumentTests
{
    static readonly JobId Id = JobId.Parse("report");

    static readonly Job Complete = new()
    {
        Id = Id,
        Name = "Report",
        Handler = "reports:daily",
        Arguments = new("[1]", """{"a":2}"""),
        Origin = JobOrigin.Code,
        DeclaredHash = "abc",
        Trigger = new CronTrigger(CronDefinition.FromExpression("0 9 * * mon-fri"), ZoneClock.Get("Europe/Berlin")),
        Options = new()
        {
            MisfireGrace = MisfireGrace.UntilNext,
            Coalesce = false,
            MaxInstances = 3,
            Executor = "mail",
            RerunIfInterrupted = true
        },
    };

    /// <summary>Returns the document of <see cref="Complete"/> with a part of its text replaced.</summary>
    static string With(string part, string by)
    {
        var text = JobDocument.Write(Complete);
        Assert.Contains(part, text, StringComparison.Ordinal);
        return text.Replace(part, by, StringComparison.Ordinal);
    }

    static string Fault(string text) => Assert.Throws<FormatException>(() => JobDocument.Read(Id, text)).Message;

    [Theory]
    [InlineData("\"max_instances\":3", "\"max_instances\":0", "max_instances is 0"),
        InlineData("\"max_instances\":3", "\"max_instances\":1e99", "max_instances is 1e99")]
    [InlineData("\"max_instances\":3", "\"max_instances\":\"3\"", "max_instances is \"3\""),
        InlineData("\"max_instances\":3", "\"max_instances\":null", "max_instances is null")]
    [InlineData("\"grace\":\"until_next\"", "\"grace_microseconds\":0", "grace_microseconds is 0")]
    [InlineData("\"grace\":\"until_next\"", "\"grace_microseconds\":9223372036854775807", "grace_microseconds is 9223372036854775807")]
    [InlineData("\"grace\":\"until_next\"", "\"grace_microseconds\":1e400", "grace_microseconds is 1e400"),
        InlineData("\"grace\":\"until_next\"", "\"grace\":\"often\"", "grace is \"often\"")]
    [InlineData("\"grace\":\"until_next\",", "", "misfire_grace_time is missing"),
        InlineData("\"coalesce\":false", "\"coalesce\":1", "coalesce is 1")]
    [InlineData("\"executor\":\"mail\"", "\"executor\":\"\"", "executor is \"\""),
        InlineData("\"executor\":\"mail\"", "\"executor\":null", "executor is null")]
    [InlineData("\"name\":\"Report\"", "\"name\":null", "name is null"), InlineData("\"name\":\"Report\"", "\"name\":\"\\ud800\"",
        "name is \"\\ud800\""), InlineData("\"name\":\"Report\",", "", "name is missing")]
    [InlineData("\"handler\":\"reports:daily\"", "\"handler\":7", "handler is 7"),
        InlineData("\"args\":[1]", "\"args\":null", "args is null"), InlineData("\"kwargs\":{\"a\":2}", "\"kwargs\":[]", "kwargs is []")]
    [InlineData("\"origin\":0", "\"origin\":99", "origin is 99"), InlineData("\"origin\":0", "\"origin\":\"code\"", "origin is \"code\""),
        InlineData("\"declared_hash\":\"abc\"", "\"declared_hash\":1", "declared_hash is 1")]
    [InlineData("Europe/Berlin", "Mars/Base", "tzdata"), InlineData("\"trigger\":\"cron\"", "\"trigger\":\"tides\"", "tides"),
        InlineData("0 9 * * mon-fri", "61 9 * * mon-fri", "61")]
    public void A_value_that_cannot_be_used_is_named_with_its_job(string part, string by, string says)
    {
        var fault = Fault(With(part, by));
        Assert.StartsWith("The stored definition of job report cannot be read: ", fault, StringComparison.Ordinal);
        Assert.Contains(says, fault, StringComparison.Ordinal);
    }

    [Theory, InlineData(""), InlineData("nonsense"), InlineData("null"), InlineData("7"), InlineData("[]"), InlineData("{}"),
        InlineData("{\"from\": \"the future\"}"), InlineData("{\"name\":"), InlineData("\ud800")]
    public void A_text_that_is_no_document_is_a_format_exception(string text) =>
        Assert.StartsWith("The stored definition of job report cannot be read: ", Fault(text), StringComparison.Ordinal);

    [Fact]
    public void No_text_throws_anything_but_a_format_exception()
    {
        string[] values = ["null", "0", "-1", "1e999", "99999999999999999999", "\"\"", "\"\\ud800\"", "\"x\"", "[]", "{}", "[[[]]]",
            "true", "\"9999-12-31T23:59:59.999999Z\"", "\"0001-01-01T00:00:00+23:59\""];
        var document = System.Text.Json.Nodes.JsonNode.Parse(JobDocument.Write(Complete))!.AsObject();
        var trigger = document["trigger"]!.AsObject();
        foreach (var (parent, name) in document.Select(field => (document, field.Key)).Concat(trigger.Select(field => (trigger, field.Key)))
            .Append((trigger, "start_date")).Append((trigger, "jitter")).ToList())
        {
            var before = parent[name]?.DeepClone();
            foreach (var value in values)
            {
                parent[name] = "MARK";
                var text = document.ToJsonString().Replace("\"MARK\"", value, StringComparison.Ordinal);
                if (Record.Exception(() => JobDocument.Read(Id, text)) is { } thrown) Assert.IsType<FormatException>(thrown);
            }

            parent[name] = before;
        }
    }

    [Fact]
    public void A_change_keeps_the_fields_that_a_newer_version_wrote()
    {
        var written = With("\"name\":\"Report\"", """
            "retries":{"most":3,"after":[1, 2.50]},"name":"Report","timeout_seconds":1e2,"h\u00e4lt":null
            """);
        var text = JobDocument.Write(JobDocument.Read(Id, written) with { Name = "Renamed" });
        Assert.EndsWith(""","retries":{"most":3,"after":[1, 2.50]},"timeout_seconds":1e2,"h\u00E4lt":null}""", text,
            StringComparison.Ordinal);
        Assert.Equal("Renamed", JobDocument.Read(Id, text).Name);
        Assert.Equal(text, JobDocument.Write(JobDocument.Read(Id, text)));
        Assert.Null(JobDocument.Read(Id, JobDocument.Write(Complete)).Unknown);
    }

    [Fact]
    public void An_unreadable_definition_keeps_its_text_and_never_runs()
    {
        var text = With("Europe/Berlin", "Mars/Base");
        var job = Job.Unreadable(Id, text, Fault(text));
        Assert.Equal((Id, "report", "", null, JobOrigin.Added, null),
            (job.Id, job.Name, job.Handler, job.Trigger, job.Origin, job.DeclaredHash));
        Assert.Contains("Mars/Base", job.Error, StringComparison.Ordinal);
        Assert.Same(text, JobDocument.Write(job));
        Assert.Same(text, JobDocument.Write(job with { Name = "other" }));
        Assert.Null(JobDocument.Read(Id, JobDocument.Write(Complete)).Error);
    }
}
