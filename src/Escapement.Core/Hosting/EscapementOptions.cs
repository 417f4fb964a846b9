using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Escapement.Hosting;
using Escapement.Triggers;

namespace Escapement;

/// <summary>Which runs this program's active process takes.</summary>
public enum RunJobs
{
    /// <summary>Fire times and runs that are asked for.</summary>
    All,

    /// <summary>Only runs that are asked for.</summary>
    Manual,

    /// <summary>None: the process never schedules.</summary>
    None,
}

/// <summary>An executor from the settings.</summary>
/// <param name="MaxWorkers">How many runs go on at once; 1 or more.</param>
public sealed record ExecutorOptions(int MaxWorkers = ExecutorOptions.DefaultMaxWorkers)
{
    /// <summary>What an executor has when it says nothing, as in APScheduler.</summary>
    public const int DefaultMaxWorkers = 10;
}

/// <summary>Basic authentication from the settings.</summary>
/// <param name="Username">The name; without a colon.</param>
/// <param name="Password">The password.</param>
public sealed record BasicAuth(string Username, string Password);

/// <summary>The store from the settings.</summary>
/// <param name="Kind"><c>memory</c> or <c>sqlite</c>; null for what the installed packages bring.</param>
/// <param name="Path">The file of a SQLite store; relative paths are under the content root.</param>
public sealed record StoreOptions(string? Kind = null, string? Path = null);

/// <summary>A job as the settings declare or override it: option names and JSON values, read when the zone and the handlers are known.</summary>
/// <param name="Key">The configuration key, for messages.</param>
/// <param name="Fields">Option and trigger fields by name, in REST's spelling.</param>
public sealed record JobSettings(string Key, IReadOnlyDictionary<string, JsonElement> Fields);

/// <summary>All settings, read and checked. Configuration fills them first; the program's <c>Configure</c> may change them.</summary>
public sealed class EscapementOptions
{
    /// <summary>Whether this process may schedule at all. Key <c>ENABLED</c>.</summary>
    public bool Enabled { get; set; } = true;

    internal static readonly DurationRange LeaseRange = new(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
    internal static readonly DurationRange DrainRange = new(TimeSpan.Zero, TimeSpan.FromHours(1));
    internal static readonly DurationRange RetentionRange = new(TimeSpan.FromMinutes(1), TimeSpan.FromDays(36_500));
    internal static readonly DurationRange GraceLimitRange = new(TimeSpan.FromSeconds(1), TimeSpan.FromDays(366));

    /// <summary>Whose jobs the store holds; null for the entry assembly's name. Key <c>APPLICATION</c>.</summary>
    public string? Application { get; set; }

    /// <summary>Where jobs live. Keys <c>STORE</c> and <c>JOBSTORES</c>.</summary>
    public StoreOptions Store { get; set; } = new();

    /// <summary>The lock file; null for beside the store. Key <c>LOCK_FILE</c>.</summary>
    public string? LockFile { get; set; }

    /// <summary>How long an epoch holds without a beat; 1 s to 1 h. Key <c>LEASE</c>.</summary>
    public TimeSpan Lease { get; set => field = LeaseRange.Checked(value, nameof(Lease)); } = TimeSpan.FromSeconds(15);

    /// <summary>How long a stopping process lets its runs go on; 0 to 1 h. Key <c>DRAIN</c>.</summary>
    public TimeSpan Drain { get; set => field = DrainRange.Checked(value, nameof(Drain)); } = TimeSpan.FromSeconds(25);

    /// <summary>How long runs and entries are kept; 1 minute to 100 years. Key <c>RETENTION</c>.</summary>
    public TimeSpan Retention { get; set => field = RetentionRange.Checked(value, nameof(Retention)); } = TimeSpan.FromDays(30);

    /// <summary>How late a job of the program that sets no grace may still run; 1 s to 366 days. Key <c>GRACE_LIMIT</c>.</summary>
    public TimeSpan GraceLimit { get; set => field = GraceLimitRange.Checked(value, nameof(GraceLimit)); } = TimeSpan.FromHours(24);

    /// <summary>Which runs the active process takes. Key <c>RUN_JOBS</c>.</summary>
    public RunJobs RunJobs { get; set; }

    /// <summary>Whether the scheduler starts paused. Key <c>START_PAUSED</c>.</summary>
    public bool StartPaused { get; set; }

    /// <summary>Whether a store of this machine alone refuses the start. Key <c>REQUIRE_CLUSTER</c>.</summary>
    public bool RequireCluster { get; set; }

    /// <summary>Whether the scheduler starts in a test host. Set in code by the test that wants it.</summary>
    public bool StartInTestHost { get; set; }

    /// <summary>The zone of triggers that name none. Key <c>TIMEZONE</c>; the machine's when unset.</summary>
    public ZoneClock? Zone { get; set; }

    /// <summary>The hosts on which the scheduler may start, lower case; <c>*</c> for any. Key <c>ALLOWED_HOSTS</c>.</summary>
    public IReadOnlyList<string> AllowedHosts { get; set; } = ["*"];

    /// <summary>Whether the REST API is served; null for where the program maps it. Key <c>API_ENABLED</c>.</summary>
    public bool? ApiEnabled { get; set; }

    /// <summary>The path under which the API is served: begins with a slash and ends without one; empty for the root. Key <c>API_PREFIX</c>.</summary>
    /// <exception cref="FormatException">It is no path.</exception>
    public string ApiPrefix { get; set => field = ApiPath.Parse(value); } = "/scheduler";

    /// <summary>The prefix of the routes' names. Key <c>ENDPOINT_PREFIX</c>.</summary>
    public string EndpointPrefix { get; set; } = "scheduler.";

    /// <summary>Who may call the API. Key <c>AUTH</c>.</summary>
    public BasicAuth? Auth { get; set; }

    /// <summary>The executors by alias; <c>default</c> is always there. Key <c>EXECUTORS</c>.</summary>
    public IReadOnlyDictionary<string, ExecutorOptions> Executors { get; set; } =
        new Dictionary<string, ExecutorOptions> { [JobOptions.Default] = new() };

    /// <summary>Policies of jobs that set none. Key <c>JOB_DEFAULTS</c>.</summary>
    public JobPolicies JobDefaults { get; set; } = new();

    /// <summary>The named sets of days that triggers can exclude: the program's, and those of the settings. Key <c>EXCLUDED_DATES</c>.</summary>
    public IReadOnlyDictionary<string, NamedDates> ExcludedDates { get; set; } = new Dictionary<string, NamedDates>();

    /// <summary>Sets whose days are in an iCalendar file: the name, the file and the key that says so.</summary>
    internal IReadOnlyList<(string Name, string Path, string Key)> ExcludedDateFiles { get; set; } = [];

    /// <summary>Jobs declared in the settings. Key <c>JOBS</c>.</summary>
    public IReadOnlyList<JobSettings> Jobs { get; set; } = [];

    /// <summary>Overrides of jobs declared in code, by id. Keys <c>Escapement:Jobs:id:option</c>.</summary>
    public IReadOnlyDictionary<string, JobSettings> JobOverrides { get; set; } = new Dictionary<string, JobSettings>();

    /// <summary>Remarks of the reading, to be logged once: corrected names, unknown keys, keys that disagree.</summary>
    public IReadOnlyList<string> Remarks { get; set; } = [];

    /// <summary>How arguments are read from JSON and written to it. Put a source-generated context first in its resolver chain to do without reflection.</summary>
    public JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    /// <summary>The same, with the names of members as they are written: those of <c>Kwargs(new { count = 3 })</c> are the handler's parameters.</summary>
    internal JsonSerializerOptions JsonAsWritten => field ??= new(Json) { PropertyNamingPolicy = null, DictionaryKeyPolicy = null };

    /// <summary>The zone of triggers that name none: <see cref="Zone"/>, else the machine's.</summary>
    internal ZoneClock ZoneOrLocal => Zone ?? ZoneClock.Local;

    internal void Remark(string? remark)
    {
        if (remark is not null && !Remarks.Contains(remark)) Remarks = [.. Remarks, remark];
    }
}
