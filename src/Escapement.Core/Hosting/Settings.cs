using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Escapement.Hosting;

/// <summary>The table of all settings, and the conversion of a configuration to
/// <see cref="EscapementOptions"/>.</summary>
/// <remarks>Documented in docs/settings.md. A test compares the page with this table.</remarks>
static class Settings
{
    /// <summary>All keys.</summary>
    public static IReadOnlyList<SettingsKey> Keys { get; } =
    [
        // The keys of Flask-APScheduler.
        SettingsKey.Of("API_ENABLED", "true or false", "true where the program maps the API", "Whether the REST API is served.", "true",
            value => value.Bool(), (options, enabled) => options.ApiEnabled = enabled, oldName: "VIEWS_ENABLED"),
        SettingsKey.Of("API_PREFIX", "a path", "/scheduler", "The path under which the API is served; / for the root.", "/scheduler",
            SettingsForms.ApiPrefix, (options, prefix) => options.ApiPrefix = prefix),
        SettingsKey.Of("ENDPOINT_PREFIX", "text", "scheduler.", "The prefix of the routes' names.", "scheduler.",
            value => value.Text("a text"), (options, prefix) => options.EndpointPrefix = prefix),
        SettingsKey.Of("TIMEZONE", "an IANA zone", "the machine's", "The zone of triggers that name none.", "Asia/Shanghai",
            SettingsForms.Zone, (options, zone) => { options.Zone = zone.Zone; options.Remark(zone.Remark); }),
        SettingsKey.Of("LOCK_FILE", "a path", "the store's path with .lock", "The lock file; a relative path is under the content root.",
            "/run/myapp/scheduler.lock",
            value => value.Text("a path"), (options, path) => options.LockFile = path),
        SettingsKey.Of("ALLOWED_HOSTS", "a list of host names", """["*"]""", "The hosts on which the scheduler may start; * for any.",
            """["web-1", "web-2"]""",
            SettingsForms.Hosts, (options, hosts) => options.AllowedHosts = hosts),
        SettingsKey.Of("JOBS", "a list of jobs", "none", "Jobs declared in the settings.",
            """[{"id": "hello", "func": "jobs:hello", "trigger": "interval", "minutes": 5}]""",
            SettingsJobs.List, (options, jobs) => options.Jobs = jobs),
        SettingsKey.Of("JOBSTORES", "a dictionary", "none", "The store: default alone, of type memory, sqlite or postgresql.",
            """{"default": {"type": "sqlite", "url": "jobs.db"}}""",
            SettingsForms.JobStores, (options, store) => options.Store = store, secret: true),
        SettingsKey.Of("EXECUTORS", "a dictionary", "default with 10 places", "How many runs go on at once, by executor.",
            """{"default": {"type": "threadpool", "max_workers": 20}}""",
            SettingsForms.Executors, (options, executors) => options.Executors = executors),
        SettingsKey.Of("JOB_DEFAULTS", "a dictionary", "none", "Policies of jobs that set none themselves.",
            """{"coalesce": true, "max_instances": 3, "misfire_grace_time": 60}""",
            SettingsForms.JobDefaults, (options, defaults) => options.JobDefaults = defaults),
        SettingsKey.Of("AUTH", "a dictionary", "none", "Basic authentication of the API.",
            """{"scheme": "basic", "username": "admin", "password": "…"}""",
            SettingsForms.Auth, (options, auth) => options.Auth = auth, secret: true),

        // The keys of Escapement.
        SettingsKey.Of("ENABLED", "true or false", "true", "Whether this process may schedule at all.", "false",
            value => value.Bool(), (options, enabled) => options.Enabled = enabled),
        SettingsKey.Of("APPLICATION", "text", "the entry assembly's name",
            "Whose jobs the store holds; a store of another application is refused.", "shop",
            SettingsForms.Application, (options, name) => options.Application = name),
        SettingsKey.Of("STORE", "a path or a connection string", ".escapement/escapement.db",
            "The SQLite file of the store, memory, or a PostgreSQL database.", "/var/lib/myapp/jobs.db",
            SettingsForms.Store, (options, store) => options.Store = store, secret: true),
        SettingsKey.Of("LEASE", $"a duration {EscapementOptions.LeaseRange}", "15s",
            "How long an active process that gives no sign of life is waited for.", "15s",
            value => value.Duration(EscapementOptions.LeaseRange), (options, lease) => options.Lease = lease),
        SettingsKey.Of("DRAIN", $"a duration {EscapementOptions.DrainRange}", "25s", "How long a stopping process lets its runs go on, and at most `HostOptions.ShutdownTimeout` of the host (30 s).",
            "25s",
            value => value.Duration(EscapementOptions.DrainRange), (options, drain) => options.Drain = drain),
        SettingsKey.Of("RETENTION", $"a duration {EscapementOptions.RetentionRange}", "30d", "How long runs and entries are kept. Older records are deleted once in an hour.", "30d",
            value => value.Duration(EscapementOptions.RetentionRange), (options, retention) => options.Retention = retention),
        SettingsKey.Of("GRACE_LIMIT", $"a duration {EscapementOptions.GraceLimitRange}", "24h",
            "How late a job of the program that sets no grace may still run.", "24h",
            value => value.Duration(EscapementOptions.GraceLimitRange), (options, limit) => options.GraceLimit = limit),
        SettingsKey.Of("EXCLUDED_DATES", "a dictionary", "none",
            "Named sets of days that triggers can exclude: a list of days, or an iCalendar file.",
            """{"holidays": ["2041-04-19", "12-25"], "works": "works.ics"}""",
            SettingsDates.Read, (options, dates) => dates.Set(options)),
        SettingsKey.Of("RUN_JOBS", "all, manual or none", "all",
            "Which runs this process takes: all, only those that are asked for, or none.", "manual",
            value => value.OneOf<RunJobs>(), (options, runs) => options.RunJobs = runs),
        SettingsKey.Of("SERVE_EXECUTORS", "a list of executors", "all", "With PostgreSQL: the executors whose runs this process takes.",
            """["default"]""",
            SettingsForms.Served, (options, served) => options.ServeExecutors = served),
        SettingsKey.Of("START_PAUSED", "true or false", "false", "Whether the scheduler starts paused.", "true",
            value => value.Bool(), (options, paused) => options.StartPaused = paused),
        SettingsKey.Of("START_EARLY", "true or false", "false", "Whether jobs may start before the application has started.", "true",
            value => value.Bool(), (options, early) => options.StartEarly = early),
        SettingsKey.Of("REQUIRE_CLUSTER", "true or false", "false", "Whether a store of this machine alone refuses the start.", "true",
            value => value.Bool(), (options, required) => options.RequireCluster = required),
        SettingsKey.Of("ALLOW_LOCAL_STORE", "true or false", "false",
            "Whether a container may keep the store on its own disk without a warning.", "true",
            value => value.Bool(), (options, allowed) => options.AllowLocalStore = allowed),
        SettingsKey.Of("SINGLE_ACTIVE", "true or false", "false", "With PostgreSQL: whether one process at a time is active.", "true",
            value => value.Bool(), (options, single) => options.SingleActive = single),
        SettingsKey.Of("SCHEMA", "text", "escapement", "With PostgreSQL: the schema of the tables.", "escapement",
            value => value.Text("the name of a schema"), (options, schema) => options.Schema = schema),
    ];

    /// <summary>Reads all settings.</summary>
    /// <param name="configuration">The program's configuration, or null.</param>
    /// <exception cref="SettingsException">A value is invalid, or a key is unknown in a place that rejects unknown
    /// keys. The message lists all errors.</exception>
    public static EscapementOptions Read(IConfiguration? configuration)
    {
        var options = new EscapementOptions();
        if (configuration is null) return options;
        List<string> faults = [];
        var scopes = SettingsScope.Of(configuration);
        foreach (var key in Keys)
        {
            if (Choose(Find(key, scopes, configuration, faults), options, faults) is { } chosen)
                key.Set(options, chosen.Value);
        }

        options.JobOverrides = SettingsJobs.Overrides(scopes, faults);
        UnknownKeys.Find(scopes, Keys, options, faults);
        SettingsForms.CheckTogether(options, scopes, faults);
        return faults is [] ? options : throw new SettingsException(faults);
    }

    sealed record Found(string Key, SettingsScope? Scope, object? Value);

    /// <summary>Returns the values of a key in all places, by precedence. Each value must be valid.</summary>
    static List<Found> Find(SettingsKey key, IReadOnlyList<SettingsScope> scopes, IConfiguration configuration, List<string> faults)
    {
        List<Found> found = [];
        foreach (var scope in scopes)
        {
            foreach (var section in scope.Find(key.Name).Where(section => key.Name != SettingsJobs.Name || SettingsJobs.IsList(section)))
            {
                Add(scope, section);
            }

            if (key.OldName is { } old && !scope.IsOurs)
                foreach (var section in scope.Find(old)) Add(scope, section);
        }

        if (key.Name == SettingsJobs.Name && configuration.GetSection(SettingsJobs.Name) is var flat && SettingsJobs.IsFlatList(flat))
        {
            Add(null, flat);
        }

        return found;

        void Add(SettingsScope? scope, IConfigurationSection section)
        {
            try
            {
                found.Add(new(section.Path, scope, key.Read(new(section, key.Secret))));
            }
            catch (FormatException fault)
            {
                faults.Add(fault.Message);
            }
        }
    }

    /// <summary>Returns the effective value. Overridden values are remarked, and two spellings of a key in the same
    /// place must agree.</summary>
    static Found? Choose(List<Found> found, EscapementOptions options, List<string> faults)
    {
        if (found is []) return null;
        var holds = found[0];
        foreach (var other in found.Skip(1).Where(other => !Same(other.Value, holds.Value)))
        {
            if (other.Scope == holds.Scope && holds.Scope is not null && SettingsKey.Folded(other.Key) == SettingsKey.Folded(holds.Key))
                faults.Add($"{holds.Key} and {other.Key} are the same key with different values. Remove one of them.");
            else
                options.Remark($"{holds.Key} and {other.Key} have different values. {holds.Key} is used.");
        }

        return holds;
    }

    static bool Same(object? left, object? right) => Equals(left, right) || JsonText(left) == JsonText(right);

    static string JsonText(object? value) => value switch
    {
        IReadOnlyList<JobSettings> jobs => JsonSerializer.Serialize(jobs.Select(job => job.Fields)),
        Triggers.ZoneClock or SettingsForms.NamedZone => value.ToString()!,
        _ => JsonSerializer.Serialize(value),
    };
}
