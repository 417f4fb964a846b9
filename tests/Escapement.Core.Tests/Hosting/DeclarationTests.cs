using System.Text.Json;
using System.Text.Json.Serialization;
using Escapement.Engine;
using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Stores;
using Escapement.Triggers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Escapement.Core.Tests.Hosting;

public class DeclarationTests
{
    static readonly DateTimeOffset Now = new(2040, 1, 1, 0, 0, 0, TimeSpan.Zero);

    static ServiceProvider Provider(Action<EscapementBuilder> configure, params (string, string?)[] settings) =>
        new ServiceCollection().AddSingleton(Configured.By([("SCHEDULER_TIMEZONE", "UTC"), .. settings])).AddEscapementCore(configure)
            .BuildServiceProvider();

    static Declarations Build(Action<EscapementBuilder> configure, params (string, string?)[] settings)
    {
        using var provider = Provider(configure, settings);
        return provider.GetRequiredService<JobDeclarations>().Build(Now);
    }

    static Job Only(Action<EscapementBuilder> configure, params (string, string?)[] settings) =>
        Assert.Single(Build(configure, settings).Jobs);

    static string Fault(Action<EscapementBuilder> configure, params (string, string?)[] settings) =>
        Assert.Single(Assert.Throws<SettingsException>(() => Build(configure, settings)).Faults);

    static void Report(EscapementBuilder scheduler) => scheduler.Add("report", "0 9 * * mon-fri", () => { });

    static void Hello(EscapementBuilder scheduler) => scheduler.Handler("jobs:hello", (int a = 0) => { });

    [Fact]
    public void A_job_without_a_trigger_has_its_arguments_checked_when_a_run_is_requested()
    {
        Assert.Equal(JobArguments.None, Only(scheduler => scheduler.Add("mail", (int orderId, string to) => { })).Arguments);
        Assert.Contains("The following arguments have not been supplied: to",
            Fault(scheduler => scheduler.Add("mail", (int orderId, string to) => { }).Args(1)), StringComparison.Ordinal);
        Assert.Contains(
            "The following arguments have not been supplied: orderId, to. The handler does not accept the following keyword arguments: orderID, too",
            Fault(scheduler => scheduler.Add("mail", (int orderId, string to) => { }).Kwargs(new { orderID = 1, too = "a" })), StringComparison.Ordinal);
        Assert.Contains("have not been supplied: orderId, to",
            Fault(scheduler => scheduler.Add("mail", "@daily", (int orderId, string to) => { })), StringComparison.Ordinal);
    }

    interface IReports;

    sealed class Mailer;

    sealed class MailJob(IReports reports, TimeProvider clock) : IJobHandler
    {
        public Task RunAsync(JobContext context, CancellationToken cancellationToken) =>
            Task.FromException(new NotSupportedException($"{reports} {clock}"));
    }

    [Fact]
    public void A_missing_service_is_named_as_a_service()
    {
        Assert.Contains("Handler 'report': 'reports' is an IReports, which is not a registered service: register it.",
            Refusal(scheduler => scheduler.Add("report", (IReports reports) => { })), StringComparison.Ordinal);
        Assert.Contains("Handler 'mail': the constructor of MailJob needs 'reports', an IReports, which is not a registered service: register it.",
            Refusal(scheduler => scheduler.Add<MailJob>("mail")), StringComparison.Ordinal);
        Assert.EndsWith("have not been supplied: mailer. 'mailer' is a Mailer, which is not a registered service: register it, or pass it as an argument",
            Fault(scheduler => scheduler.Add("report", "@daily", (Mailer mailer) => { })), StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_handler_of_a_factory_needs_no_registered_services()
    {
        using var provider = Provider(scheduler =>
        {
            scheduler.Services.AddTransient(_ => new MailJob(null!, TimeProvider.System));
            scheduler.Add<MailJob>("mail");
        });
        Assert.Contains("mail", provider.GetRequiredService<HandlerRegistry>().Names);
    }

    sealed class Hidden : IJobHandler
    {
        Hidden()
        {
        }

        public Task RunAsync(JobContext context, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    [Fact]
    public void A_class_without_a_public_constructor_is_named() => Assert.Equal("Handler 'hidden': Hidden has no public constructor.",
        Refusal(scheduler => scheduler.Add<Hidden>("hidden")));

    [Fact]
    public async Task A_keyed_service_of_a_delegate_is_resolved_with_its_key()
    {
        List<string> got = [];
        await using var provider = Provider(scheduler =>
        {
            scheduler.Services.AddSingleton("plain").AddKeyedSingleton("b", "keyed");
            scheduler.Add("keyed", ([FromKeyedServices("b")] string text) => got.Add(text));
        });
        var handler = provider.GetRequiredService<HandlerRegistry>().Get("keyed");
        await handler.Run(new() { Job = JobId.Parse("keyed"), Run = default, FireTime = Now, Attempt = 1, FencingToken = 1, Arguments = JobArguments.None },
            provider, CancellationToken.None);
        Assert.Equal(["keyed"], got);
        Assert.Equal("Handler 'mail': 'reports' is an IReports with the key 'c', which is not a registered service: register it with the key.",
            Refusal(scheduler => scheduler.Add("mail", ([FromKeyedServices("c")] IReports reports) => { })));
    }

    static string Refusal(Action<EscapementBuilder> configure)
    {
        using var provider = Provider(configure);
        return Assert.ThrowsAny<Exception>(() => provider.GetRequiredService<HandlerRegistry>()).Message;
    }

    [Fact]
    public void A_mistyped_kind_of_trigger_is_answered_with_the_nearest_kind() => Assert.Contains(
        """trigger: "inteval" is not a kind of trigger: the nearest is interval; the kinds are""",
        Fault(Hello, ("SCHEDULER_JOBS", """[{"id": "a", "func": "jobs:hello", "trigger": "inteval", "hours": 1}]""")),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("0 0 30 2 *"), InlineData("0 0 31 2,4,6 *")]
    public void A_job_that_never_fires_is_refused(string expression)
    {
        const string Sentence = "has no future fire time, so the job would never run.";
        Assert.Contains(Sentence, Fault(scheduler => scheduler.Add("never", expression, () => { })), StringComparison.Ordinal);
        Assert.StartsWith("SCHEDULER_JOBS:0 (job 'a'): The trigger", Fault(Hello,
            ("SCHEDULER_JOBS", $$"""[{"id": "a", "func": "jobs:hello", "trigger": "cron", "expression": "{{expression}}"}]""")),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("every 20 minutes until 2039-01-01"), InlineData("0 9 * * * until 2039-01-01"), InlineData("at 2039-01-01")]
    public void A_job_whose_fire_times_are_over_is_accepted(string text) =>
        Assert.NotNull(Only(scheduler => scheduler.Add("over", text, () => { })).Trigger);

    [Fact]
    public void Chained_options_come_through()
    {
        var job = Only(scheduler => scheduler.Add("report", "0 9 * * mon-fri", (int count, string name) => { })
            .Name("The report").MisfireGrace(TimeSpan.FromMinutes(1)).MaxInstances(2).Coalesce(false).Args(3).Kwargs(new { name = "x" })
                .RerunIfInterrupted()
            .Description("Mails the report").Tags("mail", "daily").Priority(-5));
        Assert.Equal(("report", "The report", "report", "[3]", """{"name":"x"}""", JobOrigin.Code),
            (job.Id.Value, job.Name, job.Handler, job.Arguments.Args, job.Arguments.Kwargs, job.Origin));
        Assert.Equal(new JobOptions
        {
            MisfireGrace = MisfireGrace.Of(TimeSpan.FromMinutes(1)),
            Coalesce = false,
            MaxInstances = 2,
            RerunIfInterrupted = true,
            Description = "Mails the report",
            Tags = ["mail", "daily"],
            Priority = -5
        }, job.Options);
        Assert.Equal(new DateTimeOffset(2040, 1, 2, 9, 0, 0, TimeSpan.Zero), job.Trigger!.Next(Now));
    }

    [Fact]
    public void Defaults_are_filled_in_by_where_a_job_comes_from()
    {
        Assert.Equal((MisfireGrace.UntilNext, 1), (Only(Report).Options.MisfireGrace, Only(Report).Options.MaxInstances));
        Assert.Null(Only(scheduler => scheduler.Add("mail", () => { })).Options.MaxInstances);
        Assert.Equal(MisfireGrace.Of(TimeSpan.FromSeconds(1)),
            Only(Hello, ("SCHEDULER_JOBS", """[{"id": "a", "func": "jobs:hello"}]""")).Options.MisfireGrace);
        Assert.Equal((5, MisfireGrace.Unlimited), Only(Report, ("SCHEDULER_JOB_DEFAULTS",
            """{"max_instances": 5, "misfire_grace_time": null}""")).Options is var o ? (o.MaxInstances, o.MisfireGrace) : default);
    }

    [Fact]
    public void Every_form_of_trigger_can_be_given()
    {
        var jobs = Build(scheduler =>
        {
            scheduler.Add("a", scheduler.Cron("0 9 * * *", zone: "Asia/Shanghai"), () => { });
            scheduler.Add("b", scheduler.On(Now.AddDays(1)), () => { });
            scheduler.Add("c", Every.Minutes(20), () => { });
            scheduler.Add("d", new DateTrigger(Now.AddDays(2), ZoneClock.Utc), () => { });
            scheduler.Add("e", () => { });
        }).Jobs;
        Assert.Equal([Now.AddHours(1), Now.AddDays(1), Now.AddMinutes(20), Now.AddDays(2), null],
            jobs.Select(job => job.Trigger?.Next(Now)));
    }

    [Fact]
    public void Modules_add_up()
    {
        var services = new ServiceCollection().AddEscapementCore(Report).AddEscapementCore(Hello)
            .AddEscapementCore(scheduler => scheduler.Add("mail", () => { }).Name("m"));
        using var provider = services.BuildServiceProvider();
        Assert.Equal(["report", "mail"], provider.GetRequiredService<JobDeclarations>().Build(Now).Jobs.Select(job => job.Id.Value));
        Assert.Equal(["jobs:hello", "mail", "report"], provider.GetRequiredService<HandlerRegistry>().Names.Order());
        Assert.Single(services, service => service.ServiceType == typeof(EscapementBuilder));
    }

    [Fact]
    public void The_same_id_in_two_modules_is_an_error_that_names_it() =>
        Assert.Contains("'report'", Assert.Throws<InvalidOperationException>(() =>
            new ServiceCollection().AddEscapementCore(Report).AddEscapementCore(Report)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_wrong_expression_is_told_where_it_stands() =>
        Assert.Throws<CronFormatException>(() =>
            new ServiceCollection().AddEscapementCore(scheduler => scheduler.Add("a", "61 9 * * *", () => { })));

    sealed class BrokenConverter : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new TimeoutException("Broken at reading.");

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
            throw new TimeoutException("Broken at writing.");
    }

    static void WithBrokenConverter(EscapementBuilder scheduler) =>
        scheduler.Configure(options => options.Json.Converters.Add(new BrokenConverter()));

    [Fact]
    public void A_converter_that_throws_at_writing_arguments_is_told_with_its_job() => Assert.Equal(
        "Job 'wait': The arguments cannot be written as JSON: Broken at writing.",
        Fault(scheduler => { WithBrokenConverter(scheduler); scheduler.Add("wait", (TimeSpan time) => { }).Args(TimeSpan.Zero); }));

    [Fact]
    public void A_converter_that_throws_at_reading_arguments_is_told_with_its_job() => Assert.Equal(
        "Job 'wait': The argument time is \"1\", which cannot be read as TimeSpan (TimeoutException)",
        Fault(scheduler => { WithBrokenConverter(scheduler); scheduler.Add("wait", (TimeSpan time) => { }).Args("1"); }));

    [Fact]
    public void Jobs_of_the_settings_are_declared()
    {
        var jobs = Build(Hello, ("SCHEDULER_JOBS", """
            [{"id": "a", "func": "jobs:hello", "args": [1], "trigger": "interval", "hours": 30, "start_date": "2040-01-01 08:00:00", "misfire_grace_time": 5},
             {"id": "b", "func": "jobs:hello", "cron": "0 9 * * *", "next_run_time": null}, {"id": "c", "func": "jobs:hello", "trigger": null}]
            """));
        Assert.Equal([Now.AddHours(8), Now.AddHours(9), null], jobs.Jobs.Select(job => job.Trigger?.Next(Now)));
        Assert.All(jobs.Jobs, job => Assert.Equal(JobOrigin.Settings, job.Origin));
        Assert.Equal(new DeclaredStart(null, Paused: true), Assert.Single(jobs.Starts).Value);
    }

    [Theory]
    [InlineData("""[{"func": "jobs:hello"}]""", "SCHEDULER_JOBS:0: id is missing"),
        InlineData("""[{"id": "a"}]""", "SCHEDULER_JOBS:0 (job 'a'): func is missing")]
    [InlineData("""[{"id": "a", "func": "jobs:helo"}]""", "The nearest is 'jobs:hello'"),
        InlineData("""[{"id": "a", "func": "jobs:hello", "kwargs": {"b": 1}}]""", "keyword arguments: b")]
    [InlineData("""[{"id": "a", "func": "jobs:hello", "hours": 1}]""", "no trigger is given"),
        InlineData("""[{"id": "report", "func": "jobs:hello"}]""", "more than once")]
    public void A_fault_in_a_job_of_the_settings_names_its_key(string json, string says) =>
        Assert.Contains(says, Fault(scheduler => { Report(scheduler); Hello(scheduler); }, ("SCHEDULER_JOBS", json)),
            StringComparison.Ordinal);

    [Fact]
    public void An_override_changes_what_it_names()
    {
        var job = Only(Report, ("Escapement:Jobs:report:Cron", "0 6 * * *"), ("Escapement:Jobs:report:MaxInstances", "3"),
            ("Escapement:Jobs:REPORT:Name", "Early"));
        Assert.Equal((Now.AddHours(6), 3, "Early", MisfireGrace.UntilNext),
            (job.Trigger!.Next(Now)!.Value, job.Options.MaxInstances, job.Name, job.Options.MisfireGrace));
    }

    [Fact]
    public void Tags_of_a_section_stay_texts() =>
        Assert.Equal(["2040", "true"],
            Only(Report, ("Escapement:Jobs:report:Tags:0", "2040"), ("Escapement:Jobs:report:Tags:1", "true")).Options.Tags);

    [Fact]
    public void An_id_with_a_colon_can_be_overridden() =>
        Assert.Equal(2, Only(scheduler =>
            scheduler.Add("jobs:hello", "0 9 * * *", () => { }), ("Escapement:Jobs:jobs:hello:MaxInstances", "2")).Options.MaxInstances);

    [Theory, InlineData("Cron"), InlineData("Trigger")]
    public void A_dash_switches_off_and_names_the_key(string option)
    {
        var declared = Build(Report, ($"Escapement:Jobs:report:{option}", "-"));
        Assert.Equal($"Escapement:Jobs:report:{option}", declared.SwitchedOff[JobId.Parse("report")]);
        Assert.NotNull(Assert.Single(declared.Jobs).Trigger);
    }

    [Theory]
    [InlineData("Escapement:Jobs:reprot:Cron", "0 6 * * *", "The nearest is 'report'"), InlineData("Escapement:Jobs:report:Crno",
        "0 6 * * *", "Crno"), InlineData("Escapement:Jobs:report:Id", "x", "id cannot be overridden")]
    [InlineData("Escapement:Jobs:report:Cron", "61 6 * * *", "61"), InlineData("Escapement:Jobs:report:Hour", "6", "no trigger is given"),
        InlineData("Escapement:Jobs:report:Executor", "x", "the executors are"),
        InlineData("Escapement:Jobs:report:HistoryDays", "31", "at most 30 is allowed, because RETENTION is 30d")]
    public void A_wrong_override_stops_the_start(string key, string value, string says) =>
        Assert.Contains(says, Fault(Report, (key, value)), StringComparison.Ordinal);

    [Fact]
    public void The_hash_is_over_what_was_written()
    {
        var plain = Only(Report).DeclaredHash;
        Assert.Equal(plain, Only(scheduler => { Hello(scheduler); Report(scheduler); }, ("SCHEDULER_LEASE", "20s")).DeclaredHash);
        Assert.NotEqual(plain, Only(Report, ("Escapement:Jobs:report:Cron", "0 6 * * *")).DeclaredHash);
        Assert.NotEqual(plain, Only(Report, ("Escapement:Timezone", "Asia/Shanghai")).DeclaredHash);
        Assert.NotEqual(plain, Only(scheduler => scheduler.Add("report", "0 9 * * mon-fri", () => { }).MaxInstances(1)).DeclaredHash);

        // The start of an interval is supplied anew each time, but the written definition stays the same.
        using var provider = Provider(scheduler => scheduler.Add("poll", Every.Minutes(20), () => { }));
        var declarations = provider.GetRequiredService<JobDeclarations>();
        Assert.Equal(declarations.Build(Now).Jobs[0].DeclaredHash, declarations.Build(Now.AddHours(1)).Jobs[0].DeclaredHash);
    }

    [Fact]
    public void All_faults_are_told_at_once() => Assert.Equal(3, Assert.Throws<SettingsException>(() => Build(Report,
        ("SCHEDULER_JOBS", """[{"id": "a", "func": "f"}, {"id": "b"}]"""), ("Escapement:Jobs:x:Cron", "-"))).Faults.Count);

    [Fact]
    public async Task The_store_is_the_programs_choice_then_the_settings_then_the_packages()
    {
        await using var chosen = Provider(scheduler => scheduler.UseMemory(), ("SCHEDULER_STORE", "a.db"));
        Assert.IsType<MemoryStore>(chosen.GetRequiredService<IJobStore>());
        await using var core = Provider(Report);
        Assert.IsType<MemoryStore>(core.GetRequiredService<IJobStore>());
        await using var without = Provider(Report, ("SCHEDULER_STORE", "a.db"));
        Assert.Contains("package Escapement", Assert.Throws<SettingsException>(() => without.GetRequiredService<IJobStore>()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Options_are_read_once_and_changed_by_the_program()
    {
        using var provider = Provider(scheduler =>
            scheduler.Configure(options => options.Lease = TimeSpan.FromSeconds(3)), ("SCHEDULER_LEASE", "20s"));
        Assert.Equal(TimeSpan.FromSeconds(3), provider.GetRequiredService<EscapementOptions>().Lease);
        Assert.Same(provider.GetRequiredService<EscapementOptions>(), provider.GetRequiredService<EscapementOptions>());
    }

    [Fact]
    public async Task The_package_is_added_to_a_host_builder_and_brings_SQLite()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { ContentRootPath = Path.GetTempPath() });
        Assert.Same(builder, builder.AddEscapement(Report));
        await using var standard = builder.Services.BuildServiceProvider();
        Assert.Equal(("sqlite", Path.Combine(Path.GetTempPath(), ".escapement", "escapement.db")), Place(standard));
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create<string, string?>("SCHEDULER_STORE", "sub/a.db")]);
        await using var set = builder.Services.BuildServiceProvider();
        Assert.Equal(("sqlite", Path.Combine(Path.GetTempPath(), "sub", "a.db")), Place(set));

        static (string, string?) Place(IServiceProvider provider) =>
            provider.GetRequiredService<IJobStore>().Place is var place ? (place.Kind, place.File) : default;
    }
}
