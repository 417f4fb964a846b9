using Escapement.Hosting;
using Escapement.Stores;
using Escapement.Triggers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Escapement;

/// <summary>Adds the scheduler's core to a program.</summary>
public static class EscapementCoreExtensions
{
    /// <summary>Adds the scheduler without a store of its own: jobs are kept in memory unless another store is chosen. May be called several times; all add up.</summary>
    /// <param name="services">The program's.</param>
    /// <param name="configure">Declares jobs and handlers.</param>
    public static IServiceCollection AddEscapementCore(this IServiceCollection services, Action<EscapementBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var builder = BuilderOf(services);
        configure?.Invoke(builder);
        return services;
    }

    /// <summary>Adds the scheduler without a store of its own: jobs are kept in memory unless another store is chosen. May be called several times; all add up.</summary>
    /// <param name="builder">The program's.</param>
    /// <param name="configure">Declares jobs and handlers.</param>
    public static TBuilder AddEscapementCore<TBuilder>(this TBuilder builder, Action<EscapementBuilder>? configure = null) where TBuilder
        : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddEscapementCore(configure);
        return builder;
    }

    /// <summary>The one builder of a service collection; the first call adds the services.</summary>
    internal static EscapementBuilder BuilderOf(IServiceCollection services)
    {
        if (services.FirstOrDefault(service =>
            service.ServiceType == typeof(EscapementBuilder))?.ImplementationInstance is EscapementBuilder there)
        {
            return there;
        }

        var builder = new EscapementBuilder(services);
        services.AddSingleton(builder);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(ReadOptions);
        services.TryAddSingleton(provider => provider.GetRequiredService<EscapementBuilder>()
            .Bind(provider.GetRequiredService<IServiceProviderIsService>(), provider.GetRequiredService<EscapementOptions>().Json));
        services.TryAddSingleton<JobDeclarations>();
        services.TryAddSingleton(ChooseStore);
        EngineServices.AddEngine(services);
        return builder;
    }

    static EscapementOptions ReadOptions(IServiceProvider provider)
    {
        var options = Settings.Read(provider.GetService<IConfiguration>());
        options.Remark(ZoneName.MissingData);
        var builder = provider.GetRequiredService<EscapementBuilder>();
        builder.Dates.AddTo(options, provider);
        builder.Apply(options);
        return options;
    }

    /// <summary>The program's choice, then the settings', then what the installed packages bring, then memory.</summary>
    static IJobStore ChooseStore(IServiceProvider provider)
    {
        var builder = provider.GetRequiredService<EscapementBuilder>();
        if (builder.Store is { } chosen) return chosen(provider);
        return provider.GetRequiredService<EscapementOptions>().Store switch
        {
            { Kind: "memory" } => EscapementBuilder.MakeMemory(provider),
            { Kind: null } => (builder.DefaultStore ?? EscapementBuilder.MakeMemory)(provider),
            { Kind: var kind } => builder.DefaultStore?.Invoke(provider) ?? throw new SettingsException(
                [$"The settings ask for a store of type {kind}, which this program does not bring. Add the package Escapement, or choose memory."]),
        };
    }
}
