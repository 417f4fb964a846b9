using System.Globalization;
using Escapement.Hosting;
using Escapement.Jobs;
using Xunit;

namespace Escapement.Core.Tests.Hosting;

public class SettingsTests
{
    static string Shown(object? value) => value switch
    {
        null => "",
        IEnumerable<string> list => string.Join(",", list),
        IFormattable text => text.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    public static TheoryData<string, string, string> Plain => new()
    {
        { "API_ENABLED", "yes", "True" }, { "API_ENABLED", "off", "False" }, { "ENABLED", "0", "False" },
        { "START_PAUSED", "TRUE", "True" },
        { "START_EARLY", "true", "True" },
        { "ALLOW_LOCAL_STORE", "true", "True" },
        { "REQUIRE_CLUSTER", "on", "True" }, { "API_PREFIX", "jobs/v1/", "/jobs/v1" }, { "API_PREFIX", "/", "" },
        { "ENDPOINT_PREFIX", "jobs.", "jobs." },
        { "TIMEZONE", "Asia/Shanghai", "Asia/Shanghai" }, { "LOCK_FILE", "/run/a.lock", "/run/a.lock" },
        { "ALLOWED_HOSTS", """["Web-1","web-2"]""", "web-1,web-2" },
        { "APPLICATION", "shop", "shop" }, { "RUN_JOBS", "Manual", "Manual" }, { "LEASE", "500ms", "!" },
        { "LEASE", "1500ms", "00:00:01.5000000" }, { "LEASE", "20", "00:00:20" },
        { "LEASE", "2m", "00:02:00" }, { "LEASE", "00:00:15", "00:00:15" }, { "LEASE", "2h", "!" }, { "LEASE", "-1s", "!" },
        { "LEASE", "5 s", "!" }, { "DRAIN", "0", "00:00:00" },
        { "RETENTION", "30d", "30.00:00:00" }, { "RETENTION", "59s", "!" }, { "GRACE_LIMIT", "1.5h", "01:30:00" },
        { "GRACE_LIMIT", "0", "!" },
        { "ENABLED", "maybe", "!" }, { "RUN_JOBS", "1", "!" }, { "RUN_JOBS", "some", "!" }, { "TIMEZONE", "Asia/Shanghia", "!" },
        { "TIMEZONE", "America/", "!" },
        { "API_PREFIX", "/a b", "!" }, { "API_PREFIX", "/a/{id}", "!" }, { "API_PREFIX", "//", "" }, { "API_PREFIX", "/a/../b", "!" },
        { "ALLOWED_HOSTS", "web-1", "!" }, { "ALLOWED_HOSTS", "[1]", "!" },
    };

    [Theory, MemberData(nameof(Plain))]
    public void A_key_is_read_alike_in_all_its_forms(string name, string value, string expected)
    {
        var key = Settings.Keys.Single(key => key.Name == name);
        string[] forms = [key.Variable, key.Canonical, $"Escapement:{name}", $"scheduler:{key.SectionName.ToLowerInvariant()}",
            key.Variable.ToLowerInvariant()];
        foreach (var form in forms)
        {
            if (expected == "!")
            {
                var fault = Configured.Fault((form, value));
                Assert.StartsWith(form, fault, StringComparison.OrdinalIgnoreCase);
                Assert.Contains(value, fault, StringComparison.Ordinal);
            }
            else
            {
                Assert.Equal(expected, Shown(Value(Configured.Read((form, value)), key.SectionName)));
            }
        }
    }

    static object? Value(EscapementOptions options, string name) =>
        name == "Timezone" ? options.Zone!.Name : typeof(EscapementOptions).GetProperty(name)!.GetValue(options);

    [Fact]
    public void Every_key_is_read_from_its_example()
    {
        foreach (var key in Settings.Keys)
            Assert.NotNull(Configured.Read((key.Variable, key.Example)));
    }

    [Fact]
    public void Nothing_set_is_the_defaults()
    {
        var options = Configured.Read();
        Assert.Equal((true, null, "/scheduler", TimeSpan.FromSeconds(15), null),
            (options.Enabled, options.ApiEnabled, options.ApiPrefix, options.Lease, options.Zone));
        Assert.Equal(10, options.Executors["default"].MaxWorkers);
        Assert.Empty(options.Remarks);
    }

    [Theory, InlineData(""), InlineData("  ")]
    public void An_empty_text_is_unreadable_for_every_key(string empty)
    {
        foreach (var key in Settings.Keys) Assert.Contains(key.Variable, Configured.Fault((key.Variable, empty)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_section_of_ours_holds_against_the_originals_and_says_so()
    {
        var options = Configured.Read(("SCHEDULER_TIMEZONE", "UTC"), ("Escapement:Timezone", "Asia/Shanghai"),
            ("Scheduler:Timezone", "Asia/Shanghai"));
        Assert.Equal("Asia/Shanghai", options.Zone!.Name);
        Assert.Equal("Escapement:Timezone and SCHEDULER_TIMEZONE have different values. Escapement:Timezone is used.",
            Assert.Single(options.Remarks));
    }

    [Fact]
    public void The_same_in_other_words_is_no_disagreement() =>
        Assert.Empty(Configured.Read(("SCHEDULER_ENABLED", "1"), ("Escapement:Enabled", "true"),
            ("SCHEDULER_EXECUTORS", """{"default": {"type": "threadpool", "max_workers": 4}}"""),
            ("Scheduler:Executors:default:type", "threadpool"), ("Scheduler:Executors:default:max_workers", "4")).Remarks);

    [Fact]
    public void Also_a_value_that_does_not_hold_must_be_readable() =>
        Assert.Contains("SCHEDULER_LEASE", Configured.Fault(("SCHEDULER_LEASE", "soon"), ("Escapement:Lease", "15s")),
            StringComparison.Ordinal);

    [Fact]
    public void Two_spellings_in_one_section_must_agree()
    {
        Assert.Contains("the same key", Configured.Fault(("Escapement:LockFile", "a"), ("Escapement:Lock_File", "b")),
            StringComparison.Ordinal);
        Assert.Equal("a", Configured.Read(("Escapement:LockFile", "a"), ("Escapement:Lock_File", "a")).LockFile);
    }

    [Fact]
    public void The_old_name_of_API_ENABLED_is_read()
    {
        Assert.True(Configured.Read(("SCHEDULER_VIEWS_ENABLED", "true")).ApiEnabled);
        Assert.False(Configured.Read(("SCHEDULER_VIEWS_ENABLED", "true"), ("SCHEDULER_API_ENABLED", "false")).ApiEnabled);
    }

    [Fact]
    public void A_corrected_zone_is_a_remark()
    {
        var options = Configured.Read(("SCHEDULER_TIMEZONE", "asia/shanghai"));
        Assert.Equal("Asia/Shanghai", options.Zone!.Name);
        Assert.Contains("Asia/Shanghai", Assert.Single(options.Remarks), StringComparison.Ordinal);
    }

    [Fact]
    public void Null_is_not_set() => Assert.Null(Configured.ReadJson("""{"Escapement": {"Timezone": null, "Auth": null}}""").Zone);

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var faults = Configured.Faults(("SCHEDULER_LEASE", "x"), ("Escapement:Drain", "y"), ("Escapement:Colour", "z"),
            ("SCHEDULER_TIMEZNE", "UTC"));
        Assert.Equal(4, faults.Count);
        Assert.Contains("4 settings", new SettingsException(faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_key_of_ours_stops_the_start_with_the_nearest() =>
        Assert.Equal("Escapement:TimeZonne is not a key; the nearest is Escapement:Timezone.",
            Configured.Fault(("Escapement:TimeZonne", "UTC")));

    [Theory]
    [InlineData("SCHEDULER_TIMEZON", "SCHEDULER_TIMEZONE"), InlineData("SCHEDULER_LOKC_FILE", "SCHEDULER_LOCK_FILE"),
        InlineData("SCHEDULER_JO", "SCHEDULER_JOBS")]
    [InlineData("Scheduler:Timezones", "Scheduler:Timezone"), InlineData("Scheduler:AllowHosts", "Scheduler:AllowedHosts")]
    public void An_unknown_key_of_the_originals_stops_within_two_letters(string key, string meant)
    {
        var fault = Configured.Fault((key, "1"));
        Assert.Contains(key, fault, StringComparison.Ordinal);
        Assert.Contains(meant, fault, StringComparison.Ordinal);
    }

    [Theory, InlineData("SCHEDULER_SERVICE_HOST"), InlineData("SCHEDULER_PORT_80_TCP_ADDR"), InlineData("SCHEDULER_PORT"),
        InlineData("Scheduler:Interval")]
    public void Another_programs_key_is_a_remark_with_the_nearest(string key) =>
        Assert.StartsWith($"{key} is not a key; the nearest is S", Assert.Single(Configured.Read((key, "1")).Remarks),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("jobs.db", "sqlite", "jobs.db"), InlineData("/var/jobs.db", "sqlite", "/var/jobs.db"),
        InlineData("memory", "memory", null), InlineData("sqlite:///a/jobs.db", "sqlite", "a/jobs.db")]
    [InlineData("sqlite:////a/jobs.db", "sqlite", "/a/jobs.db"), InlineData("Data Source=jobs.db", "sqlite", "jobs.db"),
        InlineData("sqlite://", "memory", null)]
    public void STORE_names_a_file_or_memory(string value, string kind, string? path) =>
        Assert.Equivalent(new StoreOptions(kind, path), Configured.Read(("SCHEDULER_STORE", value)).Store);

    [Theory]
    [InlineData("postgres://u:secret@db/x"), InlineData("postgresql://u:secret@db/x"), InlineData("Host=db;Username=u;Password=secret"),
        InlineData("Server=db;Password=secret")]
    public void STORE_names_a_database(string value) =>
        Assert.Equivalent(new StoreOptions("postgresql", value), Configured.Read(("SCHEDULER_STORE", value)).Store);

    [Theory, InlineData("Hots=db;Username=u;Password=secret"), InlineData("Database=shop;Password=secret")]
    public void A_connection_without_a_host_is_told_what_is_allowed(string value)
    {
        var fault = Configured.Fault(("SCHEDULER_STORE", value));
        Assert.Contains("PostgreSQL with Host", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void STORE_takes_the_database_of_the_program() =>
        Assert.Equivalent(new StoreOptions("postgresql"), Configured.Read(("SCHEDULER_STORE", "postgresql")).Store);

    [Theory]
    [InlineData("""{"default": {"type": "sqlite", "url": "jobs.db"}}""", "sqlite", "jobs.db"),
        InlineData("""{"default": {"type": "memory"}}""", "memory", null)]
    [InlineData("""{"default": {"type": "sqlalchemy", "url": "sqlite:///jobs.db"}}""", "sqlite", "jobs.db"), InlineData("{}", null, null)]
    [InlineData("""{"default": {"type": "postgresql", "url": "Host=db"}}""", "postgresql", "Host=db"),
        InlineData("""{"default": {"type": "postgresql"}}""", "postgresql", null)]
    [InlineData("""{"default": {"type": "sqlalchemy", "url": "postgresql://u:pw@db/x"}}""", "postgresql", "postgresql://u:pw@db/x")]
    public void JOBSTORES_names_the_store(string json, string? kind, string? path) =>
        Assert.Equivalent(new StoreOptions(kind, path), Configured.Read(("SCHEDULER_JOBSTORES", json)).Store);

    [Theory]
    [InlineData("""{"other": {"type": "memory"}}""", "one store"), InlineData("""{"default": {"type": "redis"}}""", "redis")]
    [InlineData("""{"default": {"type": "sqlite", "path": "x"}}""", "path is not known"),
        InlineData("""{"default": "memory"}""", "dictionary"), InlineData("[]", "dictionary"), InlineData("{", "not JSON")]
    public void Other_stores_are_refused(string json, string says) =>
        Assert.Contains(says, Configured.Fault(("SCHEDULER_JOBSTORES", json)), StringComparison.Ordinal);

    [Fact]
    public void Two_keys_for_the_store_must_agree() =>
        Assert.Contains("different values", Configured.Fault(("SCHEDULER_STORE", "a.db"),
            ("SCHEDULER_JOBSTORES", """{"default": {"type": "memory"}}""")), StringComparison.Ordinal);

    [Fact]
    public void The_history_of_a_job_is_kept_no_longer_than_everything_else()
    {
        (string, string?) defaults = ("SCHEDULER_JOB_DEFAULTS", """{"history_days": 3}""");
        Assert.Equal("JOB_DEFAULTS has history_days 3; at most 2 is allowed, because RETENTION is 2d. A longer RETENTION keeps runs for longer.",
            Configured.Fault(defaults, ("SCHEDULER_RETENTION", "2d")));
        Assert.Equal(3, Configured.Read(defaults, ("SCHEDULER_RETENTION", "3d")).JobDefaults.HistoryDays);
    }

    [Fact]
    public void Executors_are_read_from_a_section()
    {
        var executors = Configured.ReadJson("""{"Scheduler": {"Executors": {"mail": {"Type": "asyncio", "MaxWorkers": 3}}}}""").Executors;
        Assert.Equal((3, 10), (executors["mail"].MaxWorkers, executors["default"].MaxWorkers));
    }

    [Theory, InlineData("processpool", "1", "not supported by this version"), InlineData("threads", "1", "threadpool and asyncio"),
        InlineData("threadpool", "0", "from 1 to 10000"), InlineData("threadpool", "1.5", "1.5")]
    public void Other_executors_are_refused(string type, string workers, string says) =>
        Assert.Contains(says, Configured.Fault(
            ("SCHEDULER_EXECUTORS", $$"""{"default": {"type": "{{type}}", "max_workers": {{workers}} } }""")), StringComparison.Ordinal);

    [Fact]
    public void Job_defaults_are_policies()
    {
        var defaults = Configured.Read(
            ("SCHEDULER_JOB_DEFAULTS", """{"misfire_grace_time": null, "coalesce": false, "max_instances": 3}""")).JobDefaults;
        Assert.Equivalent(new JobPolicies { MisfireGrace = MisfireGrace.Unlimited, Coalesce = false, MaxInstances = 3 }, defaults);
        Assert.Equal(MisfireGrace.Of(TimeSpan.FromSeconds(60)),
            Configured.Read(("Escapement:JobDefaults:MisfireGraceTime", "60")).JobDefaults.MisfireGrace);
        Assert.Contains("max_instances is 0", Configured.Fault(("SCHEDULER_JOB_DEFAULTS", """{"max_instances": 0}""")),
            StringComparison.Ordinal);
        Assert.Contains("func", Configured.Fault(("SCHEDULER_JOB_DEFAULTS", """{"func": "x"}""")), StringComparison.Ordinal);
        Assert.Contains("mial", Configured.Fault(("SCHEDULER_JOB_DEFAULTS", """{"executor": "mial"}""")), StringComparison.Ordinal);
    }

    [Fact]
    public void Basic_authentication_is_read_and_never_shown()
    {
        Assert.Equivalent(new BasicAuth("admin", "pa:ss"),
            Configured.Read(("SCHEDULER_AUTH", """{"scheme": "basic", "username": "admin", "password": "pa:ss"}""")).Auth);
        Assert.Equivalent(new BasicAuth("admin", "1234"), Configured.Read(("Escapement:Auth:Scheme", "Basic"),
            ("Escapement:Auth:Username", "admin"), ("Escapement:Auth:Password", "1234")).Auth);
        Assert.DoesNotContain("s3cret", Configured.Fault(
            ("SCHEDULER_AUTH", """{"scheme": "digest", "username": "admin", "password": "s3cret"}""")), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", Configured.Fault(("SCHEDULER_AUTH", "admin:s3cret")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_single_active_process_over_PostgreSQL_is_read() =>
        Assert.True(Configured.Read(("SCHEDULER_SINGLE_ACTIVE", "true")).SingleActive);

    [Fact]
    public void The_schema_of_a_database_is_read() => Assert.Equal("jobs", Configured.Read(("SCHEDULER_SCHEMA", "jobs")).Schema);

    [Theory, InlineData("SCHEDULER_JOBS"), InlineData("JOBS"), InlineData("Escapement:Jobs"), InlineData("Scheduler:Jobs")]
    public void Jobs_are_a_list(string key)
    {
        var job = Assert.Single(
            Configured.Read((key, """[{"id": "hello", "func": "jobs:hello", "trigger": "interval", "minutes": 5}]""")).Jobs);
        Assert.Equal((key + ":0", "hello", 5), (job.Key, job.Fields["id"].GetString(), job.Fields["minutes"].GetInt32()));
    }

    [Fact]
    public void Jobs_in_a_section_keep_texts_that_look_like_numbers()
    {
        var job = Assert.Single(
            Configured.ReadJson("""{"Scheduler": {"Jobs": [{"Id": 7, "func": "f", "trigger": "cron", "hour": 9, "args": [1, "two", true, null], "MaxInstances": 2}]}}""").Jobs);
        Assert.Equal(("7", 2, """[1,"two",true,null]"""),
            (job.Fields["id"].GetString(), job.Fields["max_instances"].GetInt32(), job.Fields["args"].GetRawText()));
    }

    [Theory, InlineData("4"), InlineData("many")]
    public void Another_programs_JOBS_is_left_alone(string value) => Assert.Empty(Configured.Read(("JOBS", value)).Jobs);

    [Fact]
    public void Overrides_stand_beside_the_list_by_job_id()
    {
        var options = Configured.ReadJson("""
            {"Escapement": {"Jobs": {"report": {"Cron": "0 6 * * *"}, "jobs:hello": {"MaxInstances": 2}, "0": {"id": "listed", "func": "f"}}}}
            """);
        Assert.Equal(["jobs:hello", "report"], options.JobOverrides.Keys.Order());
        Assert.Equal("Escapement:Jobs:report", options.JobOverrides["report"].Key);
        Assert.Equal("listed", Assert.Single(options.Jobs).Fields["id"].GetString());
    }

    [Fact]
    public void Options_in_code_have_the_same_ranges()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new EscapementOptions { Lease = TimeSpan.Zero });
        Assert.Throws<FormatException>(() => new EscapementOptions { ApiPrefix = "a b" });
        Assert.Equal("/a", new EscapementOptions { ApiPrefix = "a/" }.ApiPrefix);
    }
}
