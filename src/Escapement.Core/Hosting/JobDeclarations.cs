using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Escapement.Engine;
using Escapement.Jobs;
using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>Builds the jobs declared by the program and its settings, when time zone and start time are
/// known.</summary>
sealed class JobDeclarations(EscapementBuilder builder, EscapementOptions options, HandlerRegistry handlers)
{
    /// <summary>The fields that overrides must not change.</summary>
    static readonly string[] Fixed = ["id", "replace_existing", "next_run_time", "jobstore"];

    readonly Lock gate = new();

    /// <summary>Replaces the jobs and overrides of the settings, all or nothing.</summary>
    /// <exception cref="SettingsException">A job is invalid. The message lists all errors, and nothing was
    /// replaced.</exception>
    public void Replace(IReadOnlyList<JobSettings> jobs, IReadOnlyDictionary<string, JobSettings> overrides, DateTimeOffset now)
    {
        lock (gate)
        {
            var before = (options.Jobs, options.JobOverrides);
            (options.Jobs, options.JobOverrides) = (jobs, overrides);
            try
            {
                BuildAll(now);
            }
            catch
            {
                (options.Jobs, options.JobOverrides) = before;
                throw;
            }
        }
    }

    /// <summary>Returns the jobs and overrides of the settings as text, for comparison.</summary>
    public static string TextOf(IReadOnlyList<JobSettings> jobs, IReadOnlyDictionary<string, JobSettings> overrides) =>
        Text([.. jobs.Select(job => Sorted(job.Fields)),
            .. overrides.OrderBy(job => job.Key, StringComparer.Ordinal).Select(job => Text(job.Key, Sorted(job.Value.Fields)))]);

    /// <summary>Returns all declared jobs: first the jobs of the program in declaration order, then the jobs of the
    /// settings.</summary>
    /// <param name="now">The start of intervals without a start, and the fire time of date triggers without a
    /// date.</param>
    /// <exception cref="SettingsException">A job is invalid. The message lists all errors.</exception>
    public Declarations Build(DateTimeOffset now)
    {
        lock (gate) return BuildAll(now);
    }

    Declarations BuildAll(DateTimeOffset now)
    {
        List<string> faults = [];
        List<Declared> declared = [];
        foreach (var job in builder.Jobs) Gather(faults, $"Job '{job.Id}'", () => declared.Add(FromCode(job, now)));
        foreach (var job in options.Jobs) Gather(faults, SourceOf(job), () => declared.Add(FromSettings(job, now)));
        CheckIds(declared, faults);
        var places = options.JobOverrides.Count == 0 ? null : new Places(declared);
        foreach (var (id, settings) in options.JobOverrides)
        {
            var at = places!.Find(id);
            if (at >= 0) Gather(faults, settings.Key, () => declared[at] = Override(declared[at], settings, now));
            else faults.Add($"{settings.Key}: there is no job '{id}' in the program or its settings.{Suggestion.Sentence(id, declared.Select(job => job.Id.Value))}");
        }

        List<Job> jobs = [];
        var defaults = options.JobDefaults.Written();
        foreach (var job in declared) Gather(faults, job.Source, () => jobs.Add(Complete(job, defaults, now)));
        if (faults is not []) throw new SettingsException([.. faults.Distinct()]);
        return new(jobs, declared.Where(job => job.SwitchedOffBy is not null).ToDictionary(job => job.Id, job => job.SwitchedOffBy!))
        {
            ExcludedDates = options.ExcludedDates,
            Starts = declared.Where(job => job.Start is not null).ToDictionary(job => job.Id, job => job.Start!),
        };
    }

    /// <summary>A declared job before its conversion to a <see cref="Job"/>.</summary>
    /// <param name="Source">The origin of the declaration, for messages.</param>
    /// <param name="Id">The id.</param>
    /// <param name="Origin">The program or its settings.</param>
    /// <param name="Written">The whole declaration as text, for the hash.</param>
    sealed record Declared(string Source, JobId Id, JobOrigin Origin, string Written)
    {
        public required string Handler { get; init; }

        public string? Name { get; init; }

        public Trigger? Trigger { get; init; }

        /// <summary>Returns the trigger as built at another start of the program.</summary>
        public required Func<DateTimeOffset, Trigger?> TriggerAt { get; init; }

        public JobArguments Arguments { get; init; } = JobArguments.None;

        public JobPolicies Policies { get; init; } = new();

        public string? SwitchedOffBy { get; init; }

        public DeclaredStart? Start { get; init; }
    }

    Declared FromCode(JobDeclaration job, DateTimeOffset now)
    {
        var arguments = job.ArgumentsAs(options);
        var written = Text("code", job.Trigger?.ToString(), job.Handler, job.Name, job.Policies.Written(), arguments.Args,
            arguments.Kwargs);
        return new($"Job '{job.Id}'", job.Id, JobOrigin.Code, written)
        {
            Handler = job.Handler,
            Name = job.Name,
            Policies = job.Policies,
            Arguments = arguments,
            Trigger = TriggerAt(now),
            TriggerAt = TriggerAt,
        };

        Trigger? TriggerAt(DateTimeOffset start) =>
            job.Trigger?.Build(new(options.ZoneOrLocal, start, job.Id.Value) { Dates = options.ExcludedDates });
    }

    /// <summary>Returns the key of a job in the settings with the job's id, for messages.</summary>
    static string SourceOf(JobSettings job) =>
        job.Fields.TryGetValue("id", out var id) && id.ValueKind == JsonValueKind.String
            ? $"{job.Key} (job '{Printable.Shown(id.GetString()!)}')"
            : job.Key;

    Declared FromSettings(JobSettings job, DateTimeOffset now)
    {
        var fields = JobFields.Read(Spelled(job.Fields), options, now);
        if (fields.Id is not { } id) throw new FormatException("id is missing; a job in the settings has one.");
        if (fields.Handler is not { } handler) throw new FormatException("func is missing; it is the name of a registered handler.");
        return new(SourceOf(job), id, JobOrigin.Settings, Text("settings", Sorted(job.Fields)))
        {
            Handler = handler,
            Name = fields.Name,
            Policies = fields.Policies,
            Arguments = fields.Arguments,
            Trigger = fields.NewTrigger(options, now),
            TriggerAt = start => JobFields.Read(Spelled(job.Fields), options, start).NewTrigger(options, start),
            Start = fields.HasNext ? new(fields.Next, fields.Paused) : null,
        };
    }

    Declared Override(Declared job, JobSettings settings, DateTimeOffset now)
    {
        if (settings.Fields.Keys.FirstOrDefault(Fixed.Contains) is { } name) throw new FormatException($"{name} cannot be overridden.");
        var off = settings.Fields.Where(field =>
            field.Key is "trigger" or JobFields.Shorthand && field.Value is { ValueKind: JsonValueKind.String } value
            && value.GetString() is "-").Select(field => field.Key).FirstOrDefault();
        var fields = FieldsAt(now);
        return job with
        {
            Written = Text(job.Written, Sorted(settings.Fields)),
            Handler = fields.Handler ?? job.Handler,
            Name = fields.Name ?? job.Name,
            Policies = fields.Policies.Over(job.Policies),
            Arguments = fields.ChangedArguments(job.Arguments) ?? job.Arguments,
            Trigger = fields.HasTrigger ? fields.Trigger : job.Trigger,
            TriggerAt = fields.HasTrigger ? start => FieldsAt(start).Trigger : job.TriggerAt,
            SwitchedOffBy = off is null ? null : $"{settings.Key}:{char.ToUpperInvariant(off[0])}{off[1..]}",
        };

        JobFields FieldsAt(DateTimeOffset start) =>
            JobFields.Read(Spelled(settings.Fields.Where(field => field.Key != off)), options, start, job.Id);
    }

    /// <summary>Completes a job with the defaults, and checks it against the whole program.</summary>
    /// <param name="job">The job.</param>
    /// <param name="defaults">The text of the defaults from the settings, for the hash.</param>
    /// <param name="now">The start time.</param>
    Job Complete(Declared job, string defaults, DateTimeOffset now)
    {
        var handler = handlers.Get(job.Handler);
        if (job.Trigger is not null || job.Arguments != JobArguments.None) handler.Check(job.Arguments);
        FutureFireTimes.CheckDeclared(job.Trigger, job.TriggerAt, now);
        var policies = job.Policies.Over(options.JobDefaults);
        if (policies.Executor is { } executor && !options.Executors.ContainsKey(executor))
        {
            throw new FormatException(
                $"there is no executor '{Printable.Shown(executor)}'; the executors are {string.Join(", ", options.Executors.Keys)}.");
        }

        HistoryLimits.Check(policies, options);

        // The time zone and the defaults of the settings are part of the declaration, so a change of the settings
        // changes the job. The machine's zone is not part of the declaration.
        var written = Text(job.Written, options.Zone is null ? null : job.Trigger?.Zone.Name, defaults);
        // The dates of the excluded named sets are also part of the declaration.
        if (job.Trigger is { } trigger && trigger.ExcludedDates.ToList() is { Count: > 0 } sets)
        {
            written = Text([written, .. sets.Select(set => $"{set.Name}: {string.Join(", ", set.Days)}")]);
        }

        return new()
        {
            Id = job.Id,
            Name = Printable.Checked("name", job.Name ?? job.Id.Value),
            Handler = job.Handler,
            Arguments = job.Arguments,
            Trigger = job.Trigger,
            Origin = job.Origin,
            Options = policies.ToOptions(job.Origin, job.Trigger is not null),
            DeclaredHash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(written))),
        };
    }

    static void CheckIds(List<Declared> jobs, List<string> faults)
    {
        foreach (var same in jobs.GroupBy(job => job.Id).Where(same => same.Count() > 1))
            faults.Add($"The job '{same.Key}' is declared more than once: by {string.Join(" and by ", same.Select(job => job.Origin == JobOrigin.Code ? "the program" : job.Source))}. To change a job of the program, use {SettingsScope.Escapement}:Jobs:{same.Key}.");
    }

    /// <summary>Finds declared jobs by the ids in configuration keys.</summary>
    sealed class Places
    {
        const int Several = -1;

        readonly Dictionary<string, int> exact = new(StringComparer.Ordinal), alike = new(StringComparer.OrdinalIgnoreCase);

        public Places(List<Declared> jobs)
        {
            for (var at = 0; at < jobs.Count; at++)
            {
                var id = jobs[at].Id.Value;
                exact.TryAdd(id, at);
                if (!alike.TryAdd(id, at)) alike[id] = Several;
            }
        }

        /// <summary>Returns the index of a job, or a negative number. Configuration keys are case-insensitive, so an id
        /// also matches in a different case if the match is unique.</summary>
        public int Find(string id) => exact.TryGetValue(id, out var at) || alike.TryGetValue(id, out at) ? at : Several;
    }

    /// <summary>Expands the shorthand for a cron expression.</summary>
    static Dictionary<string, JsonElement> Spelled(IEnumerable<KeyValuePair<string, JsonElement>> fields)
    {
        Dictionary<string, JsonElement> spelled = new(fields, StringComparer.Ordinal);
        if (!spelled.Remove(JobFields.Shorthand, out var expression)) return spelled;
        if (spelled.ContainsKey("trigger") || spelled.ContainsKey("expression"))
        {
            throw new FormatException("cron stands beside trigger or expression. Leave one of them out.");
        }

        spelled["trigger"] = JsonSerializer.SerializeToElement("cron");
        spelled["expression"] = expression;
        return spelled;
    }

    static string Sorted(IReadOnlyDictionary<string, JsonElement> fields) =>
        Text([.. fields.OrderBy(field => field.Key, StringComparer.Ordinal)
            .Select(field => $"{field.Key}={JsonSerializer.Serialize(field.Value)}")]);

    /// <summary>Joins parts so that different parts give different texts.</summary>
    static string Text(params string?[] parts) => JsonSerializer.Serialize(parts);

    static void Gather(List<string> faults, string source, Action action)
    {
        try
        {
            action();
        }
        catch (SettingsException e)
        {
            faults.AddRange(e.Faults);
        }
        catch (JobFieldsException e)
        {
            faults.AddRange(e.Faults.Select(fault => $"{source}: {fault}"));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or ArgumentMismatchException or HandlerNotFoundException)
        {
            faults.Add($"{source}: {e.Message}");
        }
        catch (Exception e)
        {
            // An exception of the program's own code, such as a JSON converter or a trigger.
            faults.Add($"{source}: {Failure.TextOf(e)}");
        }
    }
}
