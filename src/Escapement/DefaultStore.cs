using Escapement.Sqlite;
using Escapement.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Escapement;

/// <summary>The store that a program has when neither it nor its settings choose another: a SQLite file under the content root.</summary>
static class DefaultStore
{
    /// <summary>Where the file lies without a setting.</summary>
    public const string Path = ".escapement/escapement.db";

    /// <summary>Makes the store; it is opened by who uses it.</summary>
    public static IJobStore Make(IServiceProvider services) => new SqliteStore(
        new(FileOf(services), services.GetRequiredService<EscapementOptions>().Lease), services.GetRequiredService<TimeProvider>(),
            services.GetService<ILogger<SqliteStore>>());

    /// <summary>The file: the settings' or the default, relative paths under the content root.</summary>
    internal static string FileOf(IServiceProvider services) => System.IO.Path.GetFullPath(
        services.GetRequiredService<EscapementOptions>().Store.Path ?? Path,
        services.GetService<IHostEnvironment>()?.ContentRootPath ?? AppContext.BaseDirectory);
}
