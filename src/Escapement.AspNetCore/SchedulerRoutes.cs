using System.Text.Json;
using Escapement.Hosting;
using Escapement.Ledger;
using Escapement.Stores;
using Escapement.Triggers;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>The routes of the whole scheduler. Pause, start and shutdown are stored in the store, and apply to all
/// processes.</summary>
static class SchedulerRoutes
{
    static readonly TimeSpan Takeover = TimeSpan.FromSeconds(5), RunsEnd = TimeSpan.FromSeconds(30),
        Between = TimeSpan.FromMilliseconds(250);

    public static void Map(ApiGroup api, ApiContext parts)
    {
        api.Get("get_scheduler_info", "", context => InfoAsync(parts, context));
        api.Post("pause_scheduler", "/pause", context => PauseAsync(parts, context), readsBody: true);
        api.Post("resume_scheduler", "/resume", context => ResumeAsync(parts, context), readsBody: true);
        api.Post("start_scheduler", "/start", context => StartAsync(parts, context), readsBody: true);
        api.Post("shutdown_scheduler", "/shutdown", context => ShutDownAsync(parts, context), readsBody: true);
    }

    static async Task<IResult> InfoAsync(ApiContext parts, HttpContext context)
    {
        if (parts.Blind() is { Reason: Reason.StoreUnavailable } blind) return blind;
        var cancellationToken = context.RequestAborted;
        var state = parts.Blind() is null ? await parts.Scheduler.StateAsync(cancellationToken) : null;
        var running = state?.IsActive ?? parts.Node.Blindness() is { Reason: Reason.Standby };
        return new JsonAnswer(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("current_host", parts.Node.Name.Host.ToLowerInvariant());
            writer.WriteStartArray("allowed_hosts");
            foreach (var host in parts.Options.AllowedHosts) writer.WriteStringValue(host);
            writer.WriteEndArray();
            writer.WriteBoolean("running", running);
            if (state?.Paused is { } pause) JobJson.WritePause(writer, pause, parts.Zone);
            writer.WriteEndObject();
        });
    }

    static async Task<IResult> PauseAsync(ApiContext parts, HttpContext context)
    {
        var note = await PauseBody.ReadAsync(parts, context);
        if (parts.Blind() is { } blind) return blind;
        await Author.Of(parts, context, note.By, note.Why).PauseAllAsync(note, context.RequestAborted);
        return Results.NoContent();
    }

    static async Task<IResult> ResumeAsync(ApiContext parts, HttpContext context)
    {
        var scheduler = await Author.ReadAsync(parts, context);
        if (parts.Blind() is { } blind) return blind;
        await scheduler.ResumeAllAsync(context.RequestAborted);
        return Results.NoContent();
    }

    static async Task<IResult> StartAsync(ApiContext parts, HttpContext context)
    {
        var scheduler = await Author.ReadAsync(parts, context);
        if (parts.Blind() is { } blind) return blind;
        var cancellationToken = context.RequestAborted;
        if (!await scheduler.StartAsync(cancellationToken))
            return await parts.IsActiveAsync(cancellationToken) ? Problems.AlreadyRunning : Problems.NoActive(parts.Node.Report().Sentence);
        await StoreWatch.WaitAsync(parts, () => parts.IsActiveAsync(cancellationToken), Takeover, Between, cancellationToken);
        return Results.NoContent();
    }

    static async Task<IResult> ShutDownAsync(ApiContext parts, HttpContext context)
    {
        var fields = RequestBody.Options(await RequestBody.ReadOptionalAsync(context), "wait", "by", "reason");
        var (wait, scheduler) = (Wait(fields), Author.Take(parts, context, fields));
        if (parts.Blind() is { } blind) return blind;
        var cancellationToken = context.RequestAborted;
        if (!await scheduler.ShutdownAsync(cancellationToken)) return Problems.NotRunning;
        await StoreWatch.WaitAsync(parts, async () =>
            (await parts.Store.LookAsync(Sign.None, cancellationToken)).Living.Count == 0, Takeover, Between, cancellationToken);
        if (wait)
        {
            await StoreWatch.WaitAsync(parts, async () =>
                IsIdle(await parts.Store.LookAsync(Sign.None, cancellationToken)), RunsEnd, Between, cancellationToken);
        }

        return Results.NoContent();
    }

    static bool IsIdle(Look look) => look.Nodes.All(node => node.Running == 0);

    static bool Wait(Dictionary<string, JsonElement> fields)
    {
        if (!fields.TryGetValue("wait", out var wait)) return true;
        return wait.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? wait.GetBoolean()
            : throw new RefusedException(Problems.Field("wait", RequestBody.Shown(wait), "true and false are allowed"));
    }
}

/// <summary>The optional details of a pause: <c>{"by": …, "reason": …, "until": …}</c>.</summary>
static class PauseBody
{
    /// <summary>Reads the body, and replaces the author by a signed-in user.</summary>
    public static async Task<PauseNote> ReadAsync(ApiContext parts, HttpContext context)
    {
        var fields = RequestBody.Options(await RequestBody.ReadOptionalAsync(context), "by", "reason", "until");
        return new(Author.Name(parts, context, Author.Text(fields, "by", ChangeAuthor.MaxBy)),
            Author.Text(fields, "reason", ChangeAuthor.MaxWhy), Until(fields, parts.Zone));
    }

    static DateTimeOffset? Until(Dictionary<string, JsonElement> fields, ZoneClock zone)
    {
        if (!fields.TryGetValue("until", out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind == JsonValueKind.String && IsoTime.TryParse(value.GetString(), zone, out var instant, out _)
            ? instant
            : throw new RefusedException(
                Problems.Field("until", RequestBody.Shown(value), $"{IsoTime.Allowed}; null means without an end"));
    }
}
