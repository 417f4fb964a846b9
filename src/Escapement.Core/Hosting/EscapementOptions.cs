using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Escapement.Hosting;
using Escapement.Triggers;

namespace Escapement;

/// <summary>The runs taken by this program's active process.</summary>
public enum RunJobs
{
    /// <summary>Fire times and enqueued runs.</summary>
    All,

    /// <summary>Only enqueued runs.</summary>
    Manual,

    /// <summary>No runs. The process never schedules.</summary>
    None,
}

/// <summary>An executor from the settings.</summary>
public sealed class ExecutorOptions(int maxWorkers = ExecutorOptions.DefaultMaxWorkers)
{
    /// <summary>The maximum number of concurrent runs, from 1.</summary>
    public int MaxWorkers { get; } = maxWorkers;

    /// <summary>The default of <see cref="MaxWorkers"/>, as in APScheduler.</summary>
    internal const int DefaultMaxWorkers = 10;
}

/// <summary>Basic authentication from the settings.</summary>
public sealed class BasicAuth(string username, string password)
{
    /// <summary>The name, without a colon.</summary>
    public string Username { get; } = username;

    /// <summary>The password.</summary>
    public string Password { get; } = password;
}

/// <summary>The store from the settings.</summary>
public sealed class StoreOptions(string? kind = null, string? path = null)
{
    /// <summary><c>memory</c>, <c>sqlite</c> or <c>postgresql</c>, or null for the default of the installed packages.</summary>
    public string? Kind { get; } = kind;

    /// <summary>The file of a SQLite store, where a relative path is under the content root, or the connection of a PostgreSQL
    /// store.</summary>
    public string? Path { get; } = path;
}

/// <summary>All settings, with checked ranges. The configuration fills the options first, and the program's
/// <c>Configure</c> may change them.</summary>
public sealed class EscapementOptions
{
    /// <summary>True if this process may schedule at all. Key <c>ENABLED</c>.</summary>
    public bool Enabled { get; set; } = true;

    internal static readonly DurationRange LeaseRange = new(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
    internal static readonly DurationRange DrainRange = new(TimeSpan.Zero, TimeSpan.FromHours(1));
    internal static readonly DurationRange RetentionRange = new(TimeSpan.FromMinutes(1), TimeSpan.FromDays(36_500));
    internal static readonly DurationRange GraceLimitRange = new(TimeSpan.FromSeconds(1), TimeSpan.FromDays(366));

    /// <summary>The application that owns the jobs in the store, or null for the entry assembly's name. Key
    /// <c>APPLICATION</c>.</summary>
    public string? Application { get; set; }

    /// <summary>The store of the jobs. Keys <c>STORE</c> and <c>JOBSTORES</c>.</summary>
    public StoreOptions Store { get; set; } = new();

    /// <summary>The schema of a PostgreSQL store, or null for the default. Key <c>SCHEMA</c>.</summary>
    public string? Schema { get; set; }

    /// <summary>True if a single process at a time is active over a PostgreSQL store. Key <c>SINGLE_ACTIVE</c>.</summary>
    public bool SingleActive { get; set; }

    /// <summary>The lock file, or null for a file beside the store. Key <c>LOCK_FILE</c>.</summary>
    public string? LockFile { get; set; }

    /// <summary>The lease: how long an epoch lasts without a heartbeat, from 1 s to 1 h. Key <c>LEASE</c>.</summary>
    public TimeSpan Lease { get; set => field = LeaseRange.Checked(value, nameof(Lease)); } = TimeSpan.FromSeconds(15);

    /// <summary>How long the runs of a stopping process may continue, from 0 to 1 h. Key <c>DRAIN</c>.</summary>
    public TimeSpan Drain { get; set => field = DrainRange.Checked(value, nameof(Drain)); } = TimeSpan.FromSeconds(25);

    /// <summary>How long runs and entries are kept, from 1 minute to 100 years. Key <c>RETENTION</c>.</summary>
    public TimeSpan Retention { get; set => field = RetentionRange.Checked(value, nameof(Retention)); } = TimeSpan.FromDays(30);

    /// <summary>The maximum misfire grace of jobs declared in code without a misfire grace, from 1 s to 366 days. Key
    /// <c>GRACE_LIMIT</c>.</summary>
    public TimeSpan GraceLimit { get; set => field = GraceLimitRange.Checked(value, nameof(GraceLimit)); } = TimeSpan.FromHours(24);

    /// <summary>The runs taken by the active process. Key <c>RUN_JOBS</c>.</summary>
    public RunJobs RunJobs { get; set; }

    /// <summary>The executors whose runs this process takes, or null for all. Another process must take the runs of the other
    /// executors, so that this needs a store over which every process is active. Key <c>SERVE_EXECUTORS</c>.</summary>
    public IReadOnlyList<string>? ServeExecutors { get; set; }

    /// <summary>True to start the scheduler paused. Key <c>START_PAUSED</c>.</summary>
    public bool StartPaused { get; set; }

    /// <summary>True to start jobs before the application has started. Key <c>START_EARLY</c>.</summary>
    public bool StartEarly { get; set; }

    /// <summary>True to reject a store local to this machine at startup. Key <c>REQUIRE_CLUSTER</c>.</summary>
    public bool RequireCluster { get; set; }

    /// <summary>True to accept a store on the disk of a container or machine without a warning. Key
    /// <c>ALLOW_LOCAL_STORE</c>.</summary>
    public bool AllowLocalStore { get; set; }

    /// <summary>True to start the scheduler in a test host. Set in code by a test.</summary>
    public bool StartInTestHost { get; set; }

    /// <summary>The time zone of triggers without a zone, or null for the machine's zone. Key
    /// <c>TIMEZONE</c>.</summary>
    public ZoneClock? Zone { get; set; }

    /// <summary>The hosts on which the scheduler may start, in lower case, or <c>*</c> for any. Key
    /// <c>ALLOWED_HOSTS</c>.</summary>
    public IReadOnlyList<string> AllowedHosts { get; set; } = ["*"];

    /// <summary>Whether the REST API is served, or null to serve the API if the program maps it. Key
    /// <c>API_ENABLED</c>.</summary>
    public bool? ApiEnabled { get; set; }

    /// <summary>The path of the API, with a leading slash and no trailing slash, or empty for the root. Key
    /// <c>API_PREFIX</c>.</summary>
    /// <exception cref="FormatException">The value is not a valid path.</exception>
    public string ApiPrefix { get; set => field = ApiPath.Parse(value); } = "/scheduler";

    /// <summary>The prefix of the route names. Key <c>ENDPOINT_PREFIX</c>.</summary>
    public string EndpointPrefix { get; set; } = "scheduler.";

    /// <summary>The credentials of the API, or null. Key <c>AUTH</c>.</summary>
    public BasicAuth? Auth { get; set; }

    /// <summary>The executors by alias. <c>default</c> always exists. Key <c>EXECUTORS</c>.</summary>
    public IReadOnlyDictionary<string, ExecutorOptions> Executors { get; set; } =
        new Dictionary<string, ExecutorOptions> { [JobOptions.Default] = new() };

    /// <summary>The default options of jobs. Key <c>JOB_DEFAULTS</c>.</summary>
    public JobPolicies JobDefaults { get; set; } = new();

    /// <summary>The named sets of excluded dates from the program and the settings. Key
    /// <c>EXCLUDED_DATES</c>.</summary>
    internal IReadOnlyDictionary<string, NamedDates> ExcludedDates { get; set; } = new Dictionary<string, NamedDates>();

    /// <summary>The sets in iCalendar files: the name, the file and the configuration key.</summary>
    internal IReadOnlyList<(string Name, string Path, string Key)> ExcludedDateFiles { get; set; } = [];

    /// <summary>Jobs declared in the settings. Key <c>JOBS</c>.</summary>
    internal IReadOnlyList<JobSettings> Jobs { get; set; } = [];

    /// <summary>Overrides of jobs declared in code, by id. Keys <c>Escapement:Jobs:id:option</c>.</summary>
    internal IReadOnlyDictionary<string, JobSettings> JobOverrides { get; set; } = new Dictionary<string, JobSettings>();

    /// <summary>Remarks about the settings, to be logged once: corrected names, unknown keys, contradictory
    /// keys.</summary>
    internal IReadOnlyList<string> Remarks { get; set; } = [];

    /// <summary>The JSON options for arguments. To avoid reflection, add a source-generated context at the start of the
    /// resolver chain.</summary>
    public JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    /// <summary>The same JSON options with unchanged member names, so that the members of <c>Kwargs(new { count = 3
    /// })</c> match the handler's parameters.</summary>
    internal JsonSerializerOptions JsonAsWritten => field ??= new(Json) { PropertyNamingPolicy = null, DictionaryKeyPolicy = null };

    /// <summary>The time zone of triggers without a zone: <see cref="Zone"/>, or the machine's zone.</summary>
    internal ZoneClock ZoneOrLocal => Zone ?? ZoneClock.Local;

    internal void Remark(string? remark)
    {
        if (remark is not null && !Remarks.Contains(remark)) Remarks = [.. Remarks, remark];
    }
}
