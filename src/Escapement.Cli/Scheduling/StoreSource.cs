using System.Text.Json;
using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.PostgreSql;
using Escapement.Sqlite;
using Escapement.Stores;
using Escapement.Triggers;

namespace Escapement.Cli.Scheduling;

/// <summary>A scheduler behind its store, a file or a database, whether or not one of its processes lives. The tool opens the store
/// as a guest, and runs nothing.</summary>
sealed class StoreSource : SchedulerSource
{
    /// <summary>The waits for a turn to write are a third of the lease.</summary>
    static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    readonly IJobStore store;
    readonly IScheduler scheduler;
    readonly TimeProvider clock;

    StoreSource(IJobStore store) => (this.store, clock, scheduler) = (store, store.Clock, GuestScheduler.Over(store, store.Clock));

    /// <summary>Opens a store.</summary>
    /// <param name="place">The path of a file, or the connection of a PostgreSQL database.</param>
    /// <param name="schema">The schema in the database, or null for the default.</param>
    /// <param name="clock">The clock of this process.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <exception cref="ToolException">The place has no store.</exception>
    public static async Task<StoreSource> OpenAsync(string place, string? schema, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (place is "memory")
        {
            throw new ToolException(ExitCode.NoScheduler,
                "A store in memory exists only inside its process. Ask the process: --url http://HOST:PORT/scheduler.");
        }

        if (place.Length == 0) throw new FormatException("--store: give the file of a store, such as .escapement/escapement.db.");
        if (IsOtherConnection(place))
        {
            throw new FormatException(
                "--store: the text is a connection string without Host. Give the connection of a PostgreSQL database, such as Host=db;Database=shop;Username=shop, or the file of a store.");
        }

        IJobStore store = PostgreSqlStoreOptions.IsConnection(place)
            ? new PostgreSqlStore(DatabaseOf(place, schema) with { AsGuest = true }, clock)
            : schema is null
                ? new SqliteStore(new(Path.GetFullPath(place), Lease) { AsGuest = true }, clock)
                : throw new FormatException("--schema: a file has no schemas. Give --schema with the connection of a PostgreSQL database.");
        try
        {
            await store.OpenAsync("escapement", cancellationToken);
            return new(store);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns true for a connection string of no known store, such as one with a typing error, whose password no message may
    /// show as the name of a file.</summary>
    static bool IsOtherConnection(string place) => !PostgreSqlStoreOptions.IsConnection(place) && !File.Exists(place)
        && place.Contains(';', StringComparison.Ordinal) && place.Contains('=', StringComparison.Ordinal);

    /// <summary>Returns the options of a store in a database.</summary>
    /// <exception cref="FormatException">The connection or the schema is none.</exception>
    public static PostgreSqlStoreOptions DatabaseOf(string place, string? schema) =>
        PostgreSqlStoreOptions.Of(place, Lease) with { Schema = SchemaOf(schema) };

    static string SchemaOf(string? schema) => schema is null ? PostgreSqlStoreOptions.DefaultSchema
        : PostgreSqlStoreOptions.IsSchema(schema) ? schema
        : throw new FormatException(
            $"--schema: '{Printable.Shown(schema)}' is no schema; up to {PostgreSqlStoreOptions.MaxSchemaLength} lower-case letters, digits and _ are allowed, beginning with a letter, and not with pg_.");

    public override string Name => store.Place.Name;

    static ZoneClock Zone => ZoneClock.Local;

    public override async Task<JsonElement> JobsAsync(CancellationToken cancellationToken)
    {
        var jobs = await scheduler.JobsAsync(cancellationToken);
        return Of(jobs, (writer, job) => JobJson.Write(writer, job, Zone));
    }

    public override async Task<(JsonElement Runs, string? More)> RunsAsync(RunsRequest request, CancellationToken cancellationToken)
    {
        var page = await scheduler.RunsAsync(
            FilterWords.Runs(name => request.Filters.First(filter => filter.Name == name).Value, "--", clock.GetUtcNow(), Zone, (request.Limit, null)),
            cancellationToken);
        if (page.Runs is [] && request.Job is { } job) await KnownAsync(job, cancellationToken);
        return (Of(page.Runs, RunJson.Write), page.Next is null ? null : More.Of("runs"));
    }

    public override async Task<JsonElement?> FindRunAsync(string id, CancellationToken cancellationToken) =>
        RunId.TryParse(id, out _) && await scheduler.FindRunAsync(id, cancellationToken) is { } run
            ? Of(writer => RunJson.Write(writer, run))
            : null;

    public override async Task<JsonElement> NodesAsync(CancellationToken cancellationToken)
    {
        var nodes = await scheduler.NodesAsync(cancellationToken);
        return Of(writer => NodeJson.WriteList(writer, nodes));
    }

    public override async Task<(JsonElement Activations, bool IsCut)> HistoryAsync(SpanRequest span, CancellationToken cancellationToken)
    {
        var (from, to) = Span(span);
        var (activations, isCut) = await store.ActivationsAsync(from, to, span.Language, Zone, cancellationToken);
        return (Of(activations, NodeJson.Write), isCut);
    }

    public override async Task<bool> IsActiveAsync(CancellationToken cancellationToken) =>
        (await scheduler.StateAsync(cancellationToken)).IsActive;

    public override async Task<JsonElement> PausesAsync(SpanRequest span, CancellationToken cancellationToken)
    {
        var (from, to) = Span(span);
        var pauses = span is { From: null, To: null }
            ? await scheduler.PausesAsync(cancellationToken)
            : await scheduler.PauseHistoryAsync(from, to, cancellationToken);
        var now = clock.GetUtcNow();
        return Of(pauses, (writer, pause) => ChangeJson.Write(writer, pause, pause.Sentence(span.Language, Zone, now)));
    }

    public override async Task<(JsonElement Actions, string? More)> ActionsAsync(
        ActionsRequest request, CancellationToken cancellationToken)
    {
        var (since, until) = FilterWords.Range(
            name => name == "since" ? request.Since : request.Until, "--", clock.GetUtcNow(), Zone);
        var page = await scheduler.ActionsAsync(
            new()
            {
                Job = request.Job is { } id ? JobId.Parse(id) : null,
                Since = since,
                Until = until,
                Limit = request.Limit,
            }, cancellationToken);
        if (page.Actions is [] && request.Job is { } job) await KnownAsync(job, cancellationToken);
        return (Of(page.Actions, ChangeJson.Write), page.Next is null ? null : More.Of("changes"));
    }

    public override async Task<JsonElement> SkipAsync(string job, NoteRequest note, CancellationToken cancellationToken)
    {
        var skipped = await By(note.By, note.Why).SkipNextAsync(job, cancellationToken: cancellationToken);
        return Of(writer => JobJson.Write(writer, skipped, Zone));
    }

    /// <summary>Returns the sentence for an unknown job, with the nearest job.</summary>
    public Task<string> UnknownAsync(JobId job, CancellationToken cancellationToken) =>
        UnknownJob.SentenceAsync(store, job, cancellationToken);

    public override async Task<JsonElement> WhyAsync(string job, SpanRequest span, CancellationToken cancellationToken)
    {
        var (from, to) = Span(span);
        var report = await scheduler.WhyAsync(job, from, to, span.Language, cancellationToken);
        return Of(writer => LedgerJson.Write(writer, report));
    }

    public override async Task<JsonElement> AuditAsync(SpanRequest span, CancellationToken cancellationToken)
    {
        var (from, to) = Span(span);
        var report = await scheduler.AuditAsync(from, to, span.Language, cancellationToken);
        return Of(writer => LedgerJson.Write(writer, report));
    }

    public override async Task<JsonElement> PauseAsync(PauseTarget target, NoteRequest note, CancellationToken cancellationToken)
    {
        DateTimeOffset? until = note.Until is { } text ? Instant("--until", text) : null;
        PauseNote details = new(note.By, note.Why, until);
        var author = By(note.By, note.Why);
        switch (target.Kind)
        {
            case "tag": return Of(await author.PauseTagAsync(target.Name!, details, cancellationToken));
            case "executor": return Of(await author.PauseExecutorAsync(target.Name!, details, cancellationToken));
            case "job":
                var job = await author.PauseAsync(target.Name!, details, cancellationToken: cancellationToken);
                return Of(writer => JobJson.Write(writer, job, Zone));
            default:
                await author.PauseAllAsync(details, cancellationToken);
                return default;
        }
    }

    public override async Task<JsonElement> ResumeAsync(PauseTarget target, NoteRequest note, CancellationToken cancellationToken)
    {
        var author = By(note.By, note.Why);
        switch (target.Kind)
        {
            case "tag": return Of(await author.ResumeTagAsync(target.Name!, cancellationToken));
            case "executor": return Of(await author.ResumeExecutorAsync(target.Name!, cancellationToken));
            case "job":
                var job = await author.ResumeAsync(target.Name!, cancellationToken: cancellationToken);
                var (pauses, now) = (await scheduler.PausesAsync(cancellationToken), clock.GetUtcNow());
                return Of(writer => JobJson.Write(writer, job, Zone, more: more =>
                    ChangeJson.WriteHeld(more, job, pauses, pause => pause.Sentence(Language.English, Zone, now))));
            default:
                await author.ResumeAllAsync(cancellationToken);
                return default;
        }
    }

    IScheduler By(string? name, string? why) => scheduler.As(new()
    {
        By = name,
        Why = why,
        Origin = Printable.Shown($"escapement tool, user {Environment.UserName} on {Environment.MachineName}", ChangeAuthor.MaxBy - 1),
    });

    public override async Task<JsonElement> RunAsync(RunNowRequest request, CancellationToken cancellationToken)
    {
        var run = await By(request.Note.By, request.Note.Why).RunAsync(request.Job,
            request.Args is null && request.Kwargs is null ? null : new JobArguments(request.Args ?? "[]", request.Kwargs ?? "{}"),
            at: request.At is { } at ? Instant("--at", at) : null, key: request.Key, cancellationToken: cancellationToken);
        return Of(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("id", run.Id.ToString());
            writer.WriteBoolean("existing", run.Existing);
            writer.WriteEndObject();
        });
    }

    public override async Task<JsonElement> BackfillAsync(BackfillRequest request, CancellationToken cancellationToken)
    {
        var (from, to) = Span(new(request.From, request.To, Language.English));
        var result = await By(request.Note.By, request.Note.Why).BackfillAsync(request.Job, from, to,
            request.Reasons is { } reasons ? [.. FilterWords.Reasons("--reason", reasons)] : null, request.IsDryRun, cancellationToken);
        return Of(writer => BackfillJson.Write(writer, result));
    }

    public override ValueTask DisposeAsync() => store.DisposeAsync();

    /// <summary>Checks that a job exists or once existed.</summary>
    async Task KnownAsync(string job, CancellationToken cancellationToken)
    {
        var id = JobId.Parse(job);
        if ((await store.JobsAsync(new() { Id = id, Ended = true }, cancellationToken)).Jobs is []) throw new JobNotFoundException(id);
    }

    (DateTimeOffset From, DateTimeOffset To) Span(SpanRequest span) =>
        FilterWords.Span(name => name == "from" ? span.From : span.To, "--", clock.GetUtcNow(), Zone);

    static DateTimeOffset Instant(string option, string text) => IsoTime.TryParse(IsoTime.Typed(text), Zone, out var instant, out _)
        ? instant
        : throw new FormatException($"{option}: '{Printable.Shown(text)}' is not a date: {IsoTime.AllowedTyped}.");

    static JsonElement Of<T>(IEnumerable<T> items, Action<Utf8JsonWriter, T> write) => Of(writer =>
    {
        writer.WriteStartArray();
        foreach (var item in items) write(writer, item);
        writer.WriteEndArray();
    });

    static JsonElement Of(ScopedJobs jobs) => Of(writer => ChangeJson.Write(writer, jobs));

    static JsonElement Of(Action<Utf8JsonWriter> write)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer)) write(writer);
        using var json = JsonDocument.Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
        return json.RootElement.Clone();
    }
}
