using System.Globalization;
using Escapement.Hosting;
using Escapement.Ledger;
using Escapement.Stores;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>The routes of the ledger: why fire times did not run, whether the records add up, and who was active.</summary>
static class LedgerRoutes
{
    /// <summary>The header of an answer whose lists are cut.</summary>
    const string Cut = "Escapement-Cut";

    public static void Map(ApiGroup api, ApiContext parts)
    {
        api.Get("why_job", "/jobs/{" + JobAddress.Parameter + "}/why", JobAnswer.Seeing(parts, (context, _) => WhyAsync(parts, context)),
            LedgerQueryString.Parameters);
        api.Get("audit", "/audit", JobAnswer.Seeing(parts, (context, _) => AuditAsync(parts, context)), LedgerQueryString.Parameters);
        api.Get("get_entries", "/entries", JobAnswer.Seeing(parts, (context, _) => EntriesAsync(parts, context)),
            [.. LedgerQueryString.Parameters, "job_id", "reason", "kind", "limit", "before"]);
        api.Get("get_node_history", "/nodes/history", JobAnswer.Seeing(parts, (context, _) => HistoryAsync(parts, context)),
            LedgerQueryString.Parameters);
        api.Get("get_summary", "/summary", JobAnswer.Seeing(parts, (context, _) => SummaryAsync(parts, context)),
            LedgerQueryString.Parameters);
    }

    static async Task<IResult> WhyAsync(ApiContext parts, HttpContext context)
    {
        var (job, (from, to)) = (JobAddress.Read(context), LedgerQueryString.Span(parts, context));
        var report = await parts.Scheduler.WhyAsync(job.Value, from, to, LedgerQueryString.Language(context), context.RequestAborted);
        return new JsonAnswer(writer => LedgerJson.Write(writer, report));
    }

    static async Task<IResult> AuditAsync(ApiContext parts, HttpContext context)
    {
        var report = await ReportAsync(parts, context);
        return new JsonAnswer(writer => LedgerJson.Write(writer, report));
    }

    static async Task<IResult> EntriesAsync(ApiContext parts, HttpContext context)
    {
        var (from, to) = LedgerQueryString.Span(parts, context);
        var (reason, kind) = (LedgerQueryString.One(context, "reason"), LedgerQueryString.One(context, "kind"));
        EntryQuery query = new()
        {
            Job = LedgerQueryString.Job(context),
            From = from,
            To = to,
            Reasons = reason is null ? null : FilterWords.Reasons("reason", reason),
            Kinds = kind is null ? null : FilterWords.Kinds("kind", kind),
            Limit = LedgerQueryString.Limit(context),
            Before = LedgerQueryString.One(context, "before"),
        };
        var page = await parts.Store.EntriesAsync(query, LedgerQueryString.Language(context), context.RequestAborted);
        if (page.LookedTo is { } at) context.Response.Headers[RunRoutes.LookedTo] = LedgerQueryString.Fixed(at);

        // A search that was cut continues where the search ended, as a span of its own.
        if (page is { Next: not null } or { LookedTo: not null })
        {
            LedgerQueryString.LinkNext(context, ("job_id", query.Job?.Value), ("reason", reason), ("kind", kind),
                ("from", LedgerQueryString.Fixed(from)), ("to", LedgerQueryString.Fixed(page.Next is null ? page.LookedTo : to)),
                ("lang", LedgerQueryString.One(context, "lang")), ("limit", query.Limit.ToString(CultureInfo.InvariantCulture)),
                ("before", page.Next));
        }

        return JsonAnswer.List(page.Items, (writer, item) => LedgerJson.Write(writer, item, withJob: true));
    }

    static async Task<IResult> HistoryAsync(ApiContext parts, HttpContext context)
    {
        var (from, to) = LedgerQueryString.Span(parts, context);
        var (activations, isCut) = await parts.Store.ActivationsAsync(
            from, to, LedgerQueryString.Language(context), parts.Zone, context.RequestAborted);
        if (isCut) context.Response.Headers[Cut] = "true";
        return JsonAnswer.List(activations, NodeJson.Write);
    }

    static async Task<IResult> SummaryAsync(ApiContext parts, HttpContext context)
    {
        var report = await ReportAsync(parts, context);
        var nodes = await parts.Scheduler.NodesAsync(context.RequestAborted);
        return new JsonAnswer(writer => LedgerJson.WriteSummary(writer, report, nodes));
    }

    static Task<AuditReport> ReportAsync(ApiContext parts, HttpContext context)
    {
        var (from, to) = LedgerQueryString.Span(parts, context);
        return parts.Scheduler.AuditAsync(from, to, LedgerQueryString.Language(context), context.RequestAborted);
    }
}
