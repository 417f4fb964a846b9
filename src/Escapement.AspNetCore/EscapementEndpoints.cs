using Escapement.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Escapement;

/// <summary>Maps the scheduler's routes into a web application.</summary>
public static class EscapementEndpoints
{
    /// <summary>Maps all routes of the scheduler, under the setting <c>API_PREFIX</c>.</summary>
    /// <inheritdoc cref="MapEscapementApi"/>
    public static IEndpointConventionBuilder MapEscapement(this IEndpointRouteBuilder endpoints) => endpoints.MapEscapementApi();

    /// <summary>Maps the REST API, under the setting <c>API_PREFIX</c>. If <c>API_ENABLED</c> is false, maps nothing
    /// and logs the reason.</summary>
    /// <param name="endpoints">The application.</param>
    /// <returns>A builder for conventions on all routes, such as <c>RequireAuthorization("Ops")</c>.</returns>
    /// <remarks>Without authentication in the settings and without a policy, only requests from this machine are
    /// answered: docs/rest.md.</remarks>
    /// <exception cref="InvalidOperationException"><c>AddEscapement</c> was not called.</exception>
    public static IEndpointConventionBuilder MapEscapementApi(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var services = endpoints.ServiceProvider;
        var options = services.GetService<EscapementOptions>()
            ?? throw new InvalidOperationException(
                "The scheduler is not registered. Call builder.AddEscapement() before builder.Build().");
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger("Escapement.Api");
        var group = endpoints.MapGroup(options.ApiPrefix);
        if (options.ApiEnabled is false)
        {
            ApiLog.Disabled(log);
            return group;
        }

        var parts = ApiContext.From(services);
        parts.Node.ServesApi = true;
        NodeUrl.Watch(services, parts.Node);
        var api = new ApiGroup(group, options.EndpointPrefix, new(options.Auth), parts, log);
        SchedulerRoutes.Map(api, parts);
        JobRoutes.Map(api, parts);
        RunRoutes.Map(api, parts);
        NodeRoutes.Map(api, parts);
        LedgerRoutes.Map(api, parts);
        PauseRoutes.Map(api, parts);
        UnknownRoutes.Map(api, options.ApiPrefix);
        return group;
    }
}
