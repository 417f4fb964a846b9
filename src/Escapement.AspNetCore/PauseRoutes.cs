using System.Globalization;
using Escapement.Hosting;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>The routes of pauses by tag and executor, of skips, and of the recorded changes.</summary>
static class PauseRoutes
{
    const string Tag = "tag", Executor = "executor";

    public static void Map(ApiGroup api, ApiContext parts)
    {
        api.Get("get_pauses", "/pauses", JobAnswer.Seeing(parts, (context, _) => PausesAsync(parts, context)), LedgerQueryString.Parameters);
        api.Post("pause_tag", "/tags/{" + Tag + "}/pause", JobAnswer.Seeing(parts, (context, _) => PauseAsync(parts, context, Tag)),
            readsBody: true);
        api.Post("resume_tag", "/tags/{" + Tag + "}/resume", JobAnswer.Seeing(parts, (context, _) => ResumeAsync(parts, context, Tag)),
            readsBody: true);
        api.Post("pause_executor", "/executors/{" + Executor + "}/pause",
            JobAnswer.Seeing(parts, (context, _) => PauseAsync(parts, context, Executor)), readsBody: true);
        api.Post("resume_executor", "/executors/{" + Executor + "}/resume",
            JobAnswer.Seeing(parts, (context, _) => ResumeAsync(parts, context, Executor)), readsBody: true);
        api.Post("skip_job", "/jobs/{" + JobAddress.Parameter + "}/skip", JobAnswer.Seeing(parts, (context, _) => SkipAsync(parts, context)),
            readsBody: true);
        api.Get("get_actions", "/actions", JobAnswer.Seeing(parts, (context, _) => ActionsAsync(parts, context)),
            "job_id", "since", "until", "limit", "before");
    }

    static async Task<IResult> PausesAsync(ApiContext parts, HttpContext context)
    {
        var hasSpan = context.Request.Query.ContainsKey("from") || context.Request.Query.ContainsKey("to");
        var (from, to) = LedgerQueryString.Span(parts, context);
        var (language, now) = (LedgerQueryString.Language(context), parts.Store.Clock.GetUtcNow());
        var pauses = hasSpan
            ? await parts.Scheduler.PauseHistoryAsync(from, to, context.RequestAborted)
            : await parts.Scheduler.PausesAsync(context.RequestAborted);
        return JsonAnswer.List(pauses, (writer, pause) => ChangeJson.Write(writer, pause, pause.Sentence(language, parts.Zone, now)));
    }

    static async Task<IResult> PauseAsync(ApiContext parts, HttpContext context, string scope)
    {
        var note = await PauseBody.ReadAsync(parts, context);
        var (name, scheduler) = (JobAddress.Text(context, scope), Author.Of(parts, context, note.By, note.Why));
        return Changed(scope == Tag
            ? await scheduler.PauseTagAsync(name, note, context.RequestAborted)
            : await scheduler.PauseExecutorAsync(name, note, context.RequestAborted));
    }

    static async Task<IResult> ResumeAsync(ApiContext parts, HttpContext context, string scope)
    {
        var (name, scheduler) = (JobAddress.Text(context, scope), await Author.ReadAsync(parts, context));
        return Changed(scope == Tag
            ? await scheduler.ResumeTagAsync(name, context.RequestAborted)
            : await scheduler.ResumeExecutorAsync(name, context.RequestAborted));
    }

    static JsonAnswer Changed(ScopedJobs jobs) => new(writer => ChangeJson.Write(writer, jobs));

    static async Task<IResult> SkipAsync(ApiContext parts, HttpContext context)
    {
        var (id, scheduler, cancellationToken) = (JobAddress.Read(context), await Author.ReadAsync(parts, context), context.RequestAborted);
        var version = EntityTag.Demanded(context, await parts.Scheduler.JobAsync(id.Value, cancellationToken));
        return JobAnswer.Of(parts, context, await scheduler.SkipNextAsync(id.Value, null, version, cancellationToken));
    }

    static async Task<IResult> ActionsAsync(ApiContext parts, HttpContext context)
    {
        var (since, until) = FilterWords.Range(name => LedgerQueryString.One(context, name), "", parts.Store.Clock.GetUtcNow(), parts.Zone);
        ActionQuery query = new()
        {
            Job = await LedgerQueryString.KnownJobAsync(parts, context, context.RequestAborted),
            Since = since,
            Until = until,
            Limit = LedgerQueryString.Limit(context),
            Before = LedgerQueryString.Number(context, "before", long.MaxValue,
                "the number of a change is allowed, as the Link header of the page before has it"),
        };
        var page = await parts.Scheduler.ActionsAsync(query, context.RequestAborted);
        if (page.Next is { } next)
        {
            LedgerQueryString.LinkNext(context, ("job_id", query.Job?.Value), ("since", LedgerQueryString.Fixed(query.Since)),
                ("until", LedgerQueryString.Fixed(query.Until)), ("limit", query.Limit.ToString(CultureInfo.InvariantCulture)),
                ("before", next.ToString(CultureInfo.InvariantCulture)));
        }

        return JsonAnswer.List(page.Actions, ChangeJson.Write);
    }
}
