using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Escapement;

/// <summary>Adds the scheduler to a program.</summary>
public static class EscapementExtensions
{
    /// <summary>Adds the scheduler, with its jobs in a SQLite file unless another store is chosen. May be called by several modules; all add up.</summary>
    /// <param name="services">The program's.</param>
    /// <param name="configure">Declares jobs and handlers.</param>
    public static IServiceCollection AddEscapement(this IServiceCollection services, Action<EscapementBuilder>? configure = null) =>
        services.AddEscapementCore(scheduler =>
        {
            scheduler.DefaultStore ??= DefaultStore.Make;
            configure?.Invoke(scheduler);
        });

    /// <summary>Adds the scheduler, with its jobs in a SQLite file unless another store is chosen. May be called by several modules; all add up.</summary>
    /// <param name="builder">The program's: of a web application, or of a host without web.</param>
    /// <param name="configure">Declares jobs and handlers.</param>
    public static TBuilder AddEscapement<TBuilder>(this TBuilder builder, Action<EscapementBuilder>? configure = null) where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddEscapement(configure);
        return builder;
    }
}
