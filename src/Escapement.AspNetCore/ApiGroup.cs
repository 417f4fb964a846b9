using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Stores;
using Escapement.Triggers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Escapement.AspNetCore;

/// <summary>Answers a request. Rejects the request with an exception known to <see cref="Problems"/>.</summary>
delegate Task<IResult> ApiHandler(HttpContext context);

/// <summary>The entry point of the API. Every route adds the answering node to the response, checks
/// <see cref="Access"/>, and turns exceptions into problem details.</summary>
sealed class ApiGroup(RouteGroupBuilder group, string namePrefix, Access access, ApiContext parts, ILogger log)
{
    const int MaxLoggedPath = 300;

    static readonly string[] Reads = [HttpMethods.Get, HttpMethods.Head];

    // A header value is ASCII only, but a machine name may contain other characters.
    readonly string answeredBy =
        $"{parts.Node.Name.Pid}@{string.Concat(parts.Node.Name.Host.Select(c => char.IsAscii(c) && !char.IsControl(c) ? c : '_'))}";

    readonly List<(string Pattern, string Method)> routes = [];

    /// <summary>The named routes.</summary>
    public IReadOnlyList<(string Pattern, string Method)> Routes => routes;

    /// <summary>The log of the API.</summary>
    public ILogger Log => log;

    /// <summary>Maps a read-only route.</summary>
    /// <param name="name">The name of APScheduler's endpoint, without its prefix.</param>
    /// <param name="pattern">The pattern under the API's prefix.</param>
    /// <param name="handler">Answers the request.</param>
    /// <param name="query">The allowed query parameters. Any further parameter is rejected.</param>
    public void Get(string name, string pattern, ApiHandler handler, params string[] query) =>
        Map(name, pattern, Reads, handler, query: query);

    /// <summary>Maps a route that changes something.</summary>
    /// <param name="name">The name of APScheduler's endpoint, without its prefix.</param>
    /// <param name="pattern">The pattern under the API's prefix.</param>
    /// <param name="handler">Answers the request.</param>
    /// <param name="readsBody">True if the handler reads the request's body. Otherwise a request with a non-empty body
    /// is rejected.</param>
    public void Post(string name, string pattern, ApiHandler handler, bool readsBody = false) =>
        Map(name, pattern, [HttpMethods.Post], handler, readsBody);

    /// <summary>Maps a route that changes a resource by the request's body.</summary>
    /// <param name="name">The name of APScheduler's endpoint, without its prefix.</param>
    /// <param name="pattern">The pattern under the API's prefix.</param>
    /// <param name="handler">Answers the request.</param>
    public void Patch(string name, string pattern, ApiHandler handler) => Map(name, pattern, [HttpMethods.Patch], handler, readsBody: true);

    /// <summary>Maps a route that removes a resource. The request's body may name the author.</summary>
    /// <inheritdoc cref="Patch"/>
    public void Delete(string name, string pattern, ApiHandler handler) =>
        Map(name, pattern, [HttpMethods.Delete], handler, readsBody: true);

    /// <summary>Maps a route after all routes of the API and of the application, but before the application's
    /// fallback.</summary>
    /// <param name="pattern">The pattern under the API's prefix.</param>
    /// <param name="handler">Answers requests with any method.</param>
    public void Otherwise(string pattern, ApiHandler handler) =>
        group.Map(pattern, (RequestDelegate)(context => AnswerAsync(context, handler))).WithOrder(int.MaxValue - 1);

    /// <summary>Returns the address of a run in this application, independent of the prefix.</summary>
    public string RunAddress(HttpContext context, RunId run) =>
        context.RequestServices.GetService(typeof(LinkGenerator)) is LinkGenerator links
            && links.GetPathByName(context, namePrefix + "get_run", new { run_id = run.ToString() }) is { } path
            ? path
            : run.ToString();

    void Map(string name, string pattern, string[] methods, ApiHandler handler, bool readsBody = false, params string[] query)
    {
        routes.AddRange(methods.Select(method => (pattern, method)));
        var strict = Strict(handler, readsBody, query);
        group.MapMethods(pattern, methods, (RequestDelegate)(context => AnswerAsync(context, strict))).WithName(namePrefix + name);
    }

    /// <summary>Rejects input that the handler would ignore.</summary>
    static ApiHandler Strict(ApiHandler handler, bool readsBody, string[] query) => async context =>
    {
        RequestQuery.Check(context, query);
        if (!readsBody) await RequestBody.ReadNoneAsync(context);
        return await handler(context);
    };

    async Task AnswerAsync(HttpContext context, ApiHandler handler)
    {
        context.Response.Headers["Escapement-Node"] = answeredBy;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            var result = access.Refuses(context) ?? JobAddress.Refuses(context) ?? await handler(context);
            await result.ExecuteAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has disconnected.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            if (await ProblemOfAsync(e, context) is not { } problem)
            {
                ApiLog.Failed(log, Printable.Shown(context.Request.Method), Printable.Shown(context.Request.Path, MaxLoggedPath), e);
                problem = Problems.Unexpected(parts.Node.Name);
            }
            else if (e is StoreUnavailableException)
            {
                context.Response.Headers.RetryAfter = "1";
            }

            await problem.ExecuteAsync(context);
        }
    }

    async Task<Problem?> ProblemOfAsync(Exception exception, HttpContext context) => exception is JobNotFoundException unknown
        ? new(404, await UnknownJob.SentenceAsync(parts.Store, unknown.Job, context.RequestAborted))
        : Problems.Of(exception);
}
