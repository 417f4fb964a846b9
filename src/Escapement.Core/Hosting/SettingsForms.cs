using System.Text.Json;
using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>Reads keys with a special form.</summary>
static class SettingsForms
{
    /// <summary>The maximum number of slots of an executor.</summary>
    public const int MaxWorkers = 10_000;

    /// <summary>A time zone, and a remark if the name was corrected.</summary>
    public readonly record struct NamedZone(ZoneClock Zone, string? Remark)
    {
        public override string ToString() => Zone.Name;
    }

    public static NamedZone Zone(SettingsValue value)
    {
        var text = value.Text("an IANA zone such as Europe/Berlin");
        try
        {
            return new(ZoneClock.Get(text, out var remark), remark is null ? null : $"{value.Key}: {remark}");
        }
        catch (FormatException e)
        {
            throw new FormatException($"{value.Key}: {e.Message}", e);
        }
    }

    public static string ApiPrefix(SettingsValue value)
    {
        try
        {
            return ApiPath.Parse(value.Text(ApiPath.Allowed[..ApiPath.Allowed.IndexOf(" is allowed", StringComparison.Ordinal)]));
        }
        catch (FormatException e) when (e.Message.StartsWith("ApiPrefix", StringComparison.Ordinal))
        {
            throw value.Unreadable(ApiPath.Allowed);
        }
    }

    public static string Application(SettingsValue value) =>
        value.Text("a name") is var name && name.Length <= 255 && Printable.FirstHidden(name) is null
            ? name
            : throw value.Unreadable("a name of 1 to 255 printable characters is allowed");

    public static IReadOnlyList<string> Hosts(SettingsValue value)
    {
        var list = value.Json(JsonValueKind.Array, """["web-1", "web-2"]""");
        return [.. list.EnumerateArray()
            .Select(host => host.ValueKind == JsonValueKind.String && host.GetString() is { } name && name.Trim() is { Length: > 0 } trimmed
            ? trimmed.ToLowerInvariant()
            : throw value.Unreadable("a list of host names is allowed, such as [\"web-1\", \"web-2\"], or [\"*\"] for any"))];
    }

    public static IReadOnlyList<string> Served(SettingsValue value)
    {
        var list = value.Json(JsonValueKind.Array, """["default"]""");
        return [.. list.EnumerateArray().Select(executor => executor.ValueKind == JsonValueKind.String
            ? executor.GetString()!
            : throw value.Unreadable("a list of executors is allowed, such as [\"default\", \"mail\"]"))];
    }

    /// <summary>Returns what is wrong with the served executors, or null.</summary>
    public static string? ServedFault(EscapementOptions options) => options.ServeExecutors switch
    {
        null => null,
        [] => "SERVE_EXECUTORS is empty. Name at least one executor, or set RUN_JOBS to none for a process that takes no runs.",
        var served => served.FirstOrDefault(name => !options.Executors.ContainsKey(name)) is { } unknown
            ? $"SERVE_EXECUTORS names the executor '{unknown}', which EXECUTORS does not have.{Suggestion.Sentence(unknown, options.Executors.Keys)}"
            : null,
    };

    public static StoreOptions Store(SettingsValue value)
    {
        var text = value.Text("a path");
        if (text is "memory" or ":memory:") return new("memory");
        if (text is "postgresql") return new(text);
        if (IsPostgreSql(text)) return new("postgresql", text);
        if (text.StartsWith("sqlite:", StringComparison.OrdinalIgnoreCase))
        {
            return Address(text) ?? throw value.Unreadable("an address such as sqlite:///jobs.db is allowed");
        }

        return new("sqlite", text.Contains('=', StringComparison.Ordinal) ? DataSource(text, value) : text);
    }

    public static StoreOptions JobStores(SettingsValue value)
    {
        const string example = """{"default": {"type": "sqlite", "url": "jobs.db"}}""";
        var stores = value.Json(JsonValueKind.Object, example).EnumerateObject().ToList();
        if (stores.Find(store => store.Name != JobOptions.Default) is { Value.ValueKind: not JsonValueKind.Undefined } other)
            throw new FormatException($"{value.Key} has a store '{other.Name}'; this version has one store, named default.");
        if (stores is []) return new();
        var options = SettingsObject.Of($"{value.Key}:default", stores[0].Value, ["type", "url"], example);
        var url = options.Text("url");
        return options.Text("type")?.ToUpperInvariant() switch
        {
            "MEMORY" => url is null ? new("memory") : throw options.Fault("url", "a store of type memory has no url"),
            "SQLITE" => url is null ? new("sqlite") : Address(url) ?? new("sqlite", url),
            "POSTGRESQL" => new("postgresql", url),
            "SQLALCHEMY" when url is null => throw options.Fault("url", "a store of type sqlalchemy needs one, such as sqlite:///jobs.db"),
            "SQLALCHEMY" when IsPostgreSql(url) => new("postgresql", url),
            "SQLALCHEMY" => Address(url) ?? throw options.Fault("type", "with sqlalchemy an address such as sqlite:///jobs.db or postgresql://db/jobs is allowed"),
            _ => throw options.Fault("type", "memory, sqlite, postgresql, and sqlalchemy with an address are allowed"),
        };
    }

    public static IReadOnlyDictionary<string, ExecutorOptions> Executors(SettingsValue value)
    {
        const string example = """{"default": {"type": "threadpool", "max_workers": 20}}""";
        Dictionary<string, ExecutorOptions> executors = new(StringComparer.Ordinal) { [JobOptions.Default] = new() };
        foreach (var (name, json) in value.Json(JsonValueKind.Object, example).EnumerateObject()
            .Select(property => (property.Name, property.Value)))
        {
            var options = SettingsObject.Of($"{value.Key}:{name}", json, ["type", "max_workers"], example);
            _ = options.Text("type")?.ToUpperInvariant() switch
            {
                "THREADPOOL" or "ASYNCIO" => true,
                "PROCESSPOOL" => throw options.Fault("type",
                    "a process for each run is not supported by this version; threadpool and asyncio are allowed"),
                _ => throw options.Fault("type", "threadpool and asyncio are allowed"),
            };
            executors[Printable.Checked($"The name of an executor in {value.Key}", name)] = new(
                options.Integer("max_workers", 1, MaxWorkers) ?? ExecutorOptions.DefaultMaxWorkers);
        }

        return executors;
    }

    public static JobPolicies JobDefaults(SettingsValue value)
    {
        var json = value.Json(JsonValueKind.Object, """{"coalesce": true, "max_instances": 3}""");
        try
        {
            return JobFields.ReadPolicies(json.EnumerateObject()
                .Select(property => KeyValuePair.Create(JobFields.Canonical(property.Name), property.Value)));
        }
        catch (JobFieldsException e)
        {
            throw new FormatException($"{value.Key}: {e.Message}", e);
        }
    }

    public static BasicAuth Auth(SettingsValue value)
    {
        var options = SettingsObject.Of(
            value.Key, value.Json(JsonValueKind.Object, """{"scheme": "basic", "username": "admin", "password": "…"}"""),
                ["scheme", "username", "password"], "", secret: true);
        if (!string.Equals(options.Text("scheme"), "basic", StringComparison.OrdinalIgnoreCase))
        {
            throw options.Fault("scheme", "basic is allowed");
        }

        var username = options.Text("username") ?? throw options.Fault("username", "a name is needed");
        if (username.Contains(':', StringComparison.Ordinal))
        {
            throw options.Fault("username", "a name without a colon is allowed, as basic authentication cannot carry one");
        }

        return new(username, options.Text("password") ?? throw options.Fault("password", "a password is needed"));
    }

    /// <summary>Checks keys that depend on each other.</summary>
    public static void CheckTogether(EscapementOptions options, IReadOnlyList<SettingsScope> scopes, List<string> faults)
    {
        if (options.JobDefaults.Executor is { } executor && !options.Executors.ContainsKey(executor))
            faults.Add($"JOB_DEFAULTS names the executor '{executor}', which EXECUTORS does not have.{Suggestion.Sentence(executor, options.Executors.Keys)}");
        if (ServedFault(options) is { } served) faults.Add(served);
        if (HistoryLimits.Fault(options.JobDefaults, options) is var (history, days, limit))
            faults.Add($"JOB_DEFAULTS has {history} {days}; {limit}.");
        var store = scopes.SelectMany(scope => scope.Find("STORE")).FirstOrDefault();
        var stores = scopes.SelectMany(scope => scope.Find("JOBSTORES")).FirstOrDefault();
        if (store is null || stores is null) return;
        try
        {
            if (Store(new(store, secret: true)) != JobStores(new(stores, secret: true)))
                faults.Add($"{store.Path} and {stores.Path} both choose a store, with different values. Remove one of them.");
        }
        catch (FormatException)
        {
            // A key is invalid, and the error is already reported.
        }
    }

    static bool IsPostgreSql(string text) =>
        text.StartsWith("postgres", StringComparison.OrdinalIgnoreCase) && text.Contains("://", StringComparison.Ordinal)
        || text.Split(';').Any(part => part.Split('=') is [var name, _, ..] && name.Trim().ToUpperInvariant() is "HOST" or "SERVER");

    /// <summary>Parses SQLAlchemy's form: three slashes and a relative path, or four slashes and an absolute path.
    /// Without a path the store is in memory.</summary>
    static StoreOptions? Address(string text)
    {
        const string start = "sqlite://";
        if (!text.StartsWith(start, StringComparison.OrdinalIgnoreCase)) return null;
        return text[start.Length..] switch
        {
            "" or "/" or "/:memory:" => new("memory"),
            ['/', .. var path] => new("sqlite", path),
            _ => null,
        };
    }

    static string DataSource(string text, SettingsValue value)
    {
        var parts = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return parts is [var only] && only.Split('=', 2, StringSplitOptions.TrimEntries) is [var name, { Length: > 0 } path]
            && name.ToUpperInvariant() is "DATA SOURCE" or "DATASOURCE" or "FILENAME"
            ? path
            : throw value.Unreadable(
                "a path, a connection string of SQLite with Data Source alone, and a connection string of PostgreSQL with Host are allowed");
    }
}
