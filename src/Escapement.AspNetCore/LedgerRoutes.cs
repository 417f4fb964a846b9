using Escapement.Hosting;
using Escapement.Ledger;
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
            [.. LedgerQueryString.Parameters, "job_id", "reason", "kind"]);
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
        var (reason, kind) = (LedgerQueryString.Reason(context), LedgerQueryString.Kind(context));
        var (items, isCut) = await ItemsAsync(parts, context);
        if (isCut) context.Response.Headers[Cut] = "true";
        return JsonAnswer.List(
            items.Where(item => (reason is null || item.Reason == reason) && (kind is null || item.Kind == kind)),
            (writer, item) => LedgerJson.Write(writer, item, withJob: true));
    }

    static async Task<(IReadOnlyList<LedgerItem> Items, bool IsCut)> ItemsAsync(ApiContext parts, HttpContext context)
    {
        if (LedgerQueryString.Job(context) is not { } job)
        {
            var all = await ReportAsync(parts, context);
            return (all.Items, all.IsCut);
        }

        var (from, to) = LedgerQueryString.Span(parts, context);
        var one = await parts.Scheduler.WhyAsync(job.Value, from, to, LedgerQueryString.Language(context), context.RequestAborted);
        return (one.Items, one.IsCut);
    }

    static async Task<IResult> HistoryAsync(ApiContext parts, HttpContext context)
    {
        var report = await ReportAsync(parts, context);
        return JsonAnswer.List(report.Activations, NodeJson.Write);
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
