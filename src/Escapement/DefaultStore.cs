using Escapement.Sqlite;
using Escapement.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Escapement;

/// <summary>The default store if neither the program nor its settings choose a store: a SQLite file under the content
/// root.</summary>
static class DefaultStore
{
    /// <summary>The default path of the file.</summary>
    public const string Path = ".escapement/escapement.db";

    /// <summary>Creates the store. The scheduler opens the store.</summary>
    public static IJobStore Make(IServiceProvider services) => new SqliteStore(
        new(FileOf(services), services.GetRequiredService<EscapementOptions>().Lease), services.GetRequiredService<TimeProvider>(),
            services.GetService<ILogger<SqliteStore>>());

    /// <summary>Returns the file from the settings, or the default. A relative path is under the content
    /// root.</summary>
    internal static string FileOf(IServiceProvider services) => System.IO.Path.GetFullPath(
        services.GetRequiredService<EscapementOptions>().Store.Path ?? Path,
        services.GetService<IHostEnvironment>()?.ContentRootPath ?? AppContext.BaseDirectory);
}
