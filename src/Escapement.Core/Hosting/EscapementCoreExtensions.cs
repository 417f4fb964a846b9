using System.Reflection;
using Escapement.Hosting;
using Escapement.Leadership;
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
    /// <summary>Adds the scheduler without a store package: jobs are kept in memory unless another store is chosen. May
    /// be called several times, and all declarations are combined.</summary>
    /// <param name="services">The services of the program.</param>
    /// <param name="configure">Declares jobs and handlers.</param>
    public static IServiceCollection AddEscapementCore(this IServiceCollection services, Action<EscapementBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var builder = BuilderOf(services);
        configure?.Invoke(builder);
        return services;
    }

    /// <summary>Adds the scheduler without a store package: jobs are kept in memory unless another store is chosen. May
    /// be called several times, and all declarations are combined.</summary>
    /// <remarks>If the scheduler refuses to start and the program does not catch the exception, the process ends with the
    /// sentence of the refusal and exit code 1.</remarks>
    /// <param name="builder">The builder of the program.</param>
    /// <param name="configure">Declares jobs and handlers.</param>
    public static TBuilder AddEscapementCore<TBuilder>(this TBuilder builder, Action<EscapementBuilder>? configure = null) where TBuilder
        : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        RefusedStart.Watch();
        builder.Services.AddEscapementCore(configure);
        return builder;
    }

    /// <summary>Reads the settings from a configuration, for a program that needs the settings before its services
    /// exist.</summary>
    /// <exception cref="SettingsException">A value is invalid. The message names every such key.</exception>
    public static EscapementOptions ReadEscapementOptions(this IConfiguration configuration) => Settings.Read(configuration);

    /// <summary>Returns a warning if the store belongs to a container or machine with a disk of its own, or null. A
    /// launcher logs the warning once for its workers, which are marked by <see cref="LaunchedWorker"/>.</summary>
    /// <param name="options">The settings, which may accept such a store.</param>
    /// <param name="store">The store.</param>
    public static string? LocalStoreWarning(this EscapementOptions options, IJobStore store) => ScopeWarning.Of(store, options);

    /// <summary>Checks whether the lock file is usable, before anything is created.</summary>
    /// <param name="options">The settings with the path of the lock file, which is beside the store by default.</param>
    /// <param name="store">The full path of the store's file.</param>
    /// <param name="contentRoot">The folder of a relative path.</param>
    /// <exception cref="LockRefusedException">The lock file is not usable. The message names the file.</exception>
    public static void CheckLockFile(this EscapementOptions options, string store, string contentRoot)
    {
        ArgumentNullException.ThrowIfNull(options);
        FileLocks.Check(options.LockFile is { } file ? Path.GetFullPath(file, contentRoot) : store + ".lock", store);
    }

    /// <summary>Returns the builder of a service collection. The first call registers the services.</summary>
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
            .Bind(provider.GetRequiredService<IServiceProviderIsService>(), provider.GetRequiredService<EscapementOptions>().Json,
                provider.GetService<EngineControl>()));
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

    /// <summary>Returns the store chosen by the program, then by the settings, then by the installed packages, or a
    /// store in memory.</summary>
    static IJobStore ChooseStore(IServiceProvider provider)
    {
        var builder = provider.GetRequiredService<EscapementBuilder>();
        if (builder.Store is { } chosen) return chosen(provider);
        return provider.GetRequiredService<EscapementOptions>().Store switch
        {
            { Kind: "memory" } => EscapementBuilder.MakeMemory(provider),
            { Kind: "postgresql" } => MakePostgreSql(provider),
            { Kind: null } => (builder.DefaultStore ?? EscapementBuilder.MakeMemory)(provider),
            { Kind: var kind } => builder.DefaultStore?.Invoke(provider) ?? throw new SettingsException(
                [$"The settings choose a store of type {kind}, but this program does not support the type. Add the package Escapement, or choose memory."]),
        };
    }

    /// <summary>Creates the store of the package Escapement.PostgreSql, whose driver a program without PostgreSQL does not
    /// need.</summary>
    static IJobStore MakePostgreSql(IServiceProvider provider) =>
        Type.GetType("Escapement.PostgreSqlExtensions, Escapement.PostgreSql")?.GetMethod("MakeStore") is { } make
            ? (IJobStore)make.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [provider], null)!
            : throw new SettingsException(
                ["The settings choose a store of type postgresql, but this program does not contain it. Add the package Escapement.PostgreSql: dotnet add package Escapement.PostgreSql"]);
}
