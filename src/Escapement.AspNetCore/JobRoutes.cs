using System.Text.Json;
using Escapement.Hosting;
using Escapement.Jobs;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>The job routes.</summary>
static class JobRoutes
{
    public static void Map(ApiGroup api, ApiContext parts)
    {
        const string job = "/jobs/{" + JobAddress.Parameter + "}";
        api.Get("get_jobs", "/jobs", JobAnswer.Seeing(parts, (context, cancellationToken) => ListAsync(parts, cancellationToken)));
        api.Post("add_job", "/jobs",
            JobAnswer.Seeing(parts, (context, cancellationToken) => AddAsync(api, parts, context)), readsBody: true);
        api.Get("get_job", job, JobAnswer.Seeing(parts, async (context, cancellationToken) =>
            JobAnswer.Of(parts, context, await parts.Scheduler.JobAsync(JobAddress.Read(context).Value, cancellationToken))));
        api.Patch("update_job", job, JobAnswer.Seeing(parts, (context, cancellationToken) => ChangeAsync(api, parts, context)));
        api.Delete("delete_job", job, JobAnswer.Seeing(parts, (context, cancellationToken) => RemoveAsync(parts, context)));
        api.Post("pause_job", job + "/pause",
            JobAnswer.Seeing(parts, (context, cancellationToken) => PauseAsync(parts, context)), readsBody: true);
        api.Post("resume_job", job + "/resume",
            JobAnswer.Seeing(parts, (context, cancellationToken) => ResumeAsync(parts, context)), readsBody: true);
        api.Post("run_job", job + "/run",
            JobAnswer.Seeing(parts, (context, cancellationToken) => new RunNow(api, parts, context).AnswerAsync(JobAddress.Read(context))),
            readsBody: true);
        api.Post("backfill_job", job + "/backfill",
            JobAnswer.Seeing(parts, (context, cancellationToken) => BackfillRoute.AnswerAsync(parts, context, JobAddress.Read(context))),
            readsBody: true);
    }

    static async Task<IResult> ListAsync(ApiContext parts, CancellationToken cancellationToken) =>
        JsonAnswer.List(await parts.Scheduler.JobsAsync(cancellationToken), (writer, job) =>
            JobJson.Write(writer, job, parts.Zone));

    static async Task<IResult> AddAsync(ApiGroup api, ApiContext parts, HttpContext context)
    {
        var now = parts.Clock.GetUtcNow();
        var body = Fields(await RequestBody.ReadAsync(context));
        var scheduler = Author.Take(parts, context, body);
        var fields = JobFields.Read(body, parts.Options, now);
        if (fields.Id is not { } id)
        {
            throw new RefusedException(Problems.Missing("id", "a job has an id, a text of 1 to 255 printable characters"));
        }

        if (id.Value is "." or "..") throw new RefusedException(Problems.Unaddressable(id.Value));
        if (fields.Handler is not { } handler)
        {
            throw new RefusedException(Problems.Missing("func", "it is the name of a registered handler"));
        }

        Remark(api, id, fields);
        var trigger = fields.NewTrigger(parts.Options, now);
        var job = new NewJob(id.Value, handler)
        {
            IfVersion = await ReplacedAsync(parts, context, id),
            Name = fields.Name,
            Trigger = trigger,
            Arguments = fields.Arguments,
            Policies = fields.Policies,
            ReplaceExisting = fields.ReplaceExisting,
            Next = fields.Next,
            Paused = fields.Paused && trigger is not null,
        };
        return JobAnswer.Of(parts, context, await scheduler.AddAsync(job, context.RequestAborted));
    }

    static async Task<IResult> ChangeAsync(ApiGroup api, ApiContext parts, HttpContext context)
    {
        var (id, cancellationToken) = (JobAddress.Read(context), context.RequestAborted);
        var before = await parts.Scheduler.JobAsync(id.Value, cancellationToken);
        var body = Fields(await RequestBody.ReadAsync(context));
        var scheduler = Author.Take(parts, context, body);
        var fields = JobFields.Read(body, parts.Options, parts.Clock.GetUtcNow(), id);
        if (body.TryGetValue("timezone", out var zone) && fields is { HasTrigger: false, HasNext: false })
        {
            throw new RefusedException(Problems.Field("timezone", RequestBody.Shown(zone),
                "a zone alone changes nothing: give the trigger together with the zone"));
        }

        if (fields.Id is { } other && other != id) throw new RefusedException(Problems.IdCannotChange(id, other));
        Remark(api, id, fields);
        while (true)
        {
            var demanded = EntityTag.Demanded(context, before);
            if (fields is { HasTrigger: true, Trigger: null } && before.Trigger is not null)
            {
                throw new RefusedException(Problems.TriggerStays);
            }

            var change = new JobChange
            {
                Name = fields.Name,
                Handler = fields.Handler,
                Arguments = fields.ChangedArguments(before.Arguments),
                Trigger = fields.Trigger,
                Policies = fields.Policies,
                Next = fields.Next,
                Pause = fields.Paused && (fields.Trigger is not null || before.Trigger is not null),
                IfVersion = demanded ?? before.Version,
            };
            try
            {
                return JobAnswer.Of(parts, context, await scheduler.ChangeAsync(id.Value, change, cancellationToken));
            }
            catch (JobChangedException) when (demanded is null)
            {
                // Another client changed the job, and this request named no version: apply the same change to the
                // new state.
                before = await parts.Scheduler.JobAsync(id.Value, cancellationToken);
            }
        }
    }

    static async Task<IResult> RemoveAsync(ApiContext parts, HttpContext context)
    {
        var (id, scheduler, cancellationToken) = (JobAddress.Read(context), await Author.ReadAsync(parts, context), context.RequestAborted);
        var demanded = EntityTag.Demanded(context, await parts.Scheduler.JobAsync(id.Value, cancellationToken));
        await scheduler.RemoveAsync(id.Value, demanded, cancellationToken);
        return Results.NoContent();
    }

    static async Task<IResult> PauseAsync(ApiContext parts, HttpContext context)
    {
        var note = await PauseBody.ReadAsync(parts, context);
        var (id, cancellationToken) = (JobAddress.Read(context), context.RequestAborted);
        var version = EntityTag.IsDemanded(context)
            ? EntityTag.Demanded(context, await parts.Scheduler.JobAsync(id.Value, cancellationToken))
            : null;
        var scheduler = Author.Of(parts, context, note.By, note.Why);
        return JobAnswer.Of(parts, context, await scheduler.PauseAsync(id.Value, note, version, cancellationToken));
    }

    static async Task<IResult> ResumeAsync(ApiContext parts, HttpContext context)
    {
        var scheduler = await Author.ReadAsync(parts, context);
        var (id, cancellationToken) = (JobAddress.Read(context), context.RequestAborted);
        var version = EntityTag.Demanded(context, await parts.Scheduler.JobAsync(id.Value, cancellationToken));
        var job = await scheduler.ResumeAsync(id.Value, version, cancellationToken);
        var pauses = await parts.Scheduler.PausesAsync(cancellationToken);
        var (language, now) = (LedgerQueryString.Language(context), parts.Store.Clock.GetUtcNow());
        return JobAnswer.Of(parts, context, job, more: writer =>
            ChangeJson.WriteHeld(writer, job, pauses, pause => pause.Sentence(language, parts.Zone, now)));
    }

    /// <summary>Returns the only version of a job that a new job may replace, or null for any version. A missing job
    /// matches no version.</summary>
    static async Task<long?> ReplacedAsync(ApiContext parts, HttpContext context, JobId id)
    {
        if (!EntityTag.IsDemanded(context)) return null;
        return await JobAnswer.FindAsync(parts, id, context.RequestAborted) is { } job
            ? EntityTag.Demanded(context, job)
            : throw new RefusedException(Problems.NothingToReplace(id));
    }

    static Dictionary<string, JsonElement> Fields(JsonElement body) =>
        body.EnumerateObject().ToDictionary(field => field.Name, field => field.Value, StringComparer.Ordinal);

    static void Remark(ApiGroup api, JobId job, JobFields fields)
    {
        foreach (var remark in fields.Remarks) ApiLog.Remark(api.Log, job.Value, remark);
    }
}
