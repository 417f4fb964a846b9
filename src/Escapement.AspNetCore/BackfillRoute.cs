using System.Text.Json;
using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>Handles a request to make up for fire times that did not run: <c>{"from": …, "to": …, "reason": […], "dry_run":
/// …, "by": …, "why": …}</c>. The field <c>reason</c> selects, so the purpose is <c>why</c>. The responses: docs/rest.md, under <i>backfill</i>.</summary>
static class BackfillRoute
{
    public static async Task<IResult> AnswerAsync(ApiContext parts, HttpContext context, JobId job)
    {
        var fields = RequestBody.Options(await RequestBody.ReadAsync(context), "from", "to", "reason", "dry_run", "by", "why");
        var now = parts.Clock.GetUtcNow();
        var from = At("from") ?? throw new RefusedException(
            Problems.Missing("from", $"it is the beginning of the fire times to make up for; {PointInTime.Allowed}"));
        var to = At("to") ?? now;
        if (from >= to)
        {
            throw new RefusedException(Problems.Field("from", RequestBody.Shown(fields["from"]),
                $"an instant before the end of the span, {IsoTime.Format(to)}, is allowed"));
        }

        var scheduler = Author.Of(parts, context, Author.Text(fields, "by", ChangeAuthor.MaxBy), Author.Text(fields, "why", ChangeAuthor.MaxWhy));
        var result = await scheduler.BackfillAsync(job.Value, from, to, Reasons(), DryRun(), context.RequestAborted);
        return new JsonAnswer(writer => BackfillJson.Write(writer, result));

        JsonElement? Given(string name) =>
            fields.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

        DateTimeOffset? At(string name)
        {
            if (Given(name) is not { } value) return null;
            return value.ValueKind == JsonValueKind.String
                ? FilterWords.Time(name, value.GetString(), now, parts.Zone)
                : throw new RefusedException(Problems.Field(name, RequestBody.Shown(value), PointInTime.Allowed));
        }

        Reason[]? Reasons()
        {
            if (Given("reason") is not { } value) return null;
            if (value.ValueKind == JsonValueKind.String) return [.. FilterWords.Reasons("reason", value.GetString()!)];
            if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0 || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
            {
                throw new RefusedException(Problems.Field("reason", RequestBody.Shown(value),
                    "a list of at least one name of a reason, such as [\"NoActiveNode\"], is allowed"));
            }

            return [.. value.EnumerateArray().SelectMany(item => FilterWords.Reasons("reason", item.GetString()!)).Distinct()];
        }

        bool DryRun() => Given("dry_run") is { } value && (value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw new RefusedException(Problems.Field("dry_run", RequestBody.Shown(value), "true or false is allowed")));
    }
}
