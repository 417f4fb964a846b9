using Escapement.PostgreSql;
using Escapement.Stores;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Escapement;

/// <summary>Keeps the jobs of a program in PostgreSQL.</summary>
public static class PostgreSqlExtensions
{
    /// <summary>The entry of <c>ConnectionStrings</c> that is used if nothing else names a database.</summary>
    const string DefaultConnection = "Escapement";

    /// <summary>Keeps jobs in a PostgreSQL database, independent of the settings.</summary>
    /// <param name="scheduler">The builder of the scheduler.</param>
    /// <param name="connection">A connection string, an address, or the name of an entry of <c>ConnectionStrings</c>. Null for a
    /// registered <see cref="NpgsqlDataSource"/>, or else for the entry <c>Escapement</c>. Not empty.</param>
    /// <param name="configure">Changes the options of the store, such as <c>options => options with { MaxSessions = 16 }</c>, or
    /// null.</param>
    public static EscapementBuilder UsePostgreSql(this EscapementBuilder scheduler, string? connection = null,
        Func<PostgreSqlStoreOptions, PostgreSqlStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        if (connection is not null) ArgumentException.ThrowIfNullOrWhiteSpace(connection);
        return scheduler.UseStore(services => Make(services, connection, configure));
    }

    /// <summary>Keeps jobs in a PostgreSQL database, independent of the settings.</summary>
    /// <param name="scheduler">The builder of the scheduler.</param>
    /// <param name="database">Returns the source of connections, which the scheduler does not dispose.</param>
    /// <param name="configure">Changes the options of the store, such as <c>options => options with { MaxSessions = 16 }</c>, or
    /// null.</param>
    public static EscapementBuilder UsePostgreSql(this EscapementBuilder scheduler, Func<IServiceProvider, NpgsqlDataSource> database,
        Func<PostgreSqlStoreOptions, PostgreSqlStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        ArgumentNullException.ThrowIfNull(database);
        return scheduler.UseStore(services => Make(services, database(services), owns: false, configure));
    }

    /// <summary>Creates the store that the settings choose with the type <c>postgresql</c>. Called by the scheduler.</summary>
    /// <param name="services">The services of the program.</param>
    public static IJobStore MakeStore(IServiceProvider services) =>
        Make(services, services.GetRequiredService<EscapementOptions>().Store.Path, configure: null);

    static PostgreSqlStore Make(IServiceProvider services, string? connection,
        Func<PostgreSqlStoreOptions, PostgreSqlStoreOptions>? configure)
    {
        if (connection is null && services.GetService<NpgsqlDataSource>() is { } registered)
            return Make(services, registered, owns: false, configure);
        var text = connection is { } given && (ConnectionText.IsAddress(given) || ConnectionText.IsConnectionString(given))
            ? given
            : Named(services, connection ?? DefaultConnection, isDefault: connection is null);
        try
        {
            return Make(services, PostgreSqlStoreOptions.Of(text, services.GetRequiredService<EscapementOptions>().Lease).Database, owns: true,
                configure);
        }
        catch (FormatException e)
        {
            throw new SettingsException([e.Message]);
        }
    }

    static string Named(IServiceProvider services, string name, bool isDefault)
    {
        if (services.GetService<IConfiguration>()?.GetConnectionString(name) is { Length: > 0 } text) return text;
        throw new SettingsException([isDefault
            ? $"The store of type postgresql has no database. Set its url, such as Host=db;Database=shop;Username=shop;Password=..., or ConnectionStrings:{DefaultConnection}, or register an NpgsqlDataSource."
            : $"The store of type postgresql names '{name}', which is neither a connection string nor an address, and there is no ConnectionStrings:{name}."]);
    }

    static PostgreSqlStore Make(IServiceProvider services, NpgsqlDataSource database, bool owns,
        Func<PostgreSqlStoreOptions, PostgreSqlStoreOptions>? configure)
    {
        var options = services.GetRequiredService<EscapementOptions>();
        var schema = options.Schema ?? PostgreSqlStoreOptions.DefaultSchema;
        if (!PostgreSqlStoreOptions.IsSchema(schema))
        {
            throw new SettingsException([
                $"SCHEMA is '{schema}'; up to {PostgreSqlStoreOptions.MaxSchemaLength} lower-case letters, digits and _ are allowed, beginning with a letter, and not with pg_."]);
        }

        PostgreSqlStoreOptions store = new(database, options.Lease)
        {
            Schema = schema,
            OwnsDatabase = owns,
            IsSingleActive = options.SingleActive,
        };
        return new(configure?.Invoke(store) ?? store,
            services.GetRequiredService<TimeProvider>(), services.GetService<ILogger<PostgreSqlStore>>());
    }
}
