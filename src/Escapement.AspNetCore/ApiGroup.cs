using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Stores;
using Escapement.Triggers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Escapement.AspNetCore;

/// <summary>Answers a request; refuses it by one of the exceptions that <see cref="Problems"/> knows.</summary>
delegate Task<IResult> ApiHandler(HttpContext context);

/// <summary>The one door of the API: every route says who answers, asks <see cref="Access"/>, and turns what was thrown into a problem.</summary>
sealed class ApiGroup(RouteGroupBuilder group, string namePrefix, Access access, ThisNode node, ILogger log)
{
    const int MaxLoggedPath = 300;

    static readonly string[] Reads = [HttpMethods.Get, HttpMethods.Head];

    // A header holds ASCII only, and a machine's name may hold more.
    readonly string answeredBy =
        $"{node.Name.Pid}@{string.Concat(node.Name.Host.Select(c => char.IsAscii(c) && !char.IsControl(c) ? c : '_'))}";

    readonly List<(string Pattern, string Method)> routes = [];

    /// <summary>What is mapped under a name.</summary>
    public IReadOnlyList<(string Pattern, string Method)> Routes => routes;

    /// <summary>The log of the API.</summary>
    public ILogger Log => log;

    /// <summary>Maps a route that only reads.</summary>
    /// <param name="name">As the original names it, without its prefix.</param>
    /// <param name="pattern">Under the API's prefix.</param>
    /// <param name="handler">Answers it.</param>
    /// <param name="query">The query parameters that it reads; any other is refused.</param>
    public void Get(string name, string pattern, ApiHandler handler, params string[] query) =>
        Map(name, pattern, Reads, handler, query: query);

    /// <summary>Maps a route that changes something.</summary>
    /// <param name="name">As the original names it, without its prefix.</param>
    /// <param name="pattern">Under the API's prefix.</param>
    /// <param name="handler">Answers it.</param>
    /// <param name="readsBody">Whether it reads the request's body; otherwise one that says something is refused.</param>
    public void Post(string name, string pattern, ApiHandler handler, bool readsBody = false) =>
        Map(name, pattern, [HttpMethods.Post], handler, readsBody);

    /// <summary>Maps a route that changes what is there by the request's body.</summary>
    /// <param name="name">As the original names it, without its prefix.</param>
    /// <param name="pattern">Under the API's prefix.</param>
    /// <param name="handler">Answers it.</param>
    public void Patch(string name, string pattern, ApiHandler handler) => Map(name, pattern, [HttpMethods.Patch], handler, readsBody: true);

    /// <summary>Maps a route that removes.</summary>
    /// <inheritdoc cref="Patch"/>
    public void Delete(string name, string pattern, ApiHandler handler) => Map(name, pattern, [HttpMethods.Delete], handler);

    /// <summary>Maps what comes after every route of the API and of the application, but before the application's fallback.</summary>
    /// <param name="pattern">Under the API's prefix.</param>
    /// <param name="handler">Answers whatever the method is.</param>
    public void Otherwise(string pattern, ApiHandler handler) =>
        group.Map(pattern, (RequestDelegate)(context => AnswerAsync(context, handler))).WithOrder(int.MaxValue - 1);

    /// <summary>The address of a run in this application, wherever it is mapped.</summary>
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

    /// <summary>Refuses first what the handler would pass over.</summary>
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
            var result = access.Refuses(context) ?? await handler(context);
            await result.ExecuteAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be answered.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            if (Problems.Of(e) is not { } problem)
            {
                ApiLog.Failed(log, Printable.Shown(context.Request.Method), Printable.Shown(context.Request.Path, MaxLoggedPath), e);
                problem = Problems.Unexpected(node.Name);
            }
            else if (e is StoreUnavailableException)
            {
                context.Response.Headers.RetryAfter = "1";
            }

            await problem.ExecuteAsync(context);
        }
    }
}
