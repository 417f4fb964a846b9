using Escapement.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Escapement;

/// <summary>The store that a program has when neither it nor its settings choose another: a SQLite file under the content root.</summary>
static class DefaultStore
{
    /// <summary>Where the file lies without a setting.</summary>
    public const string Path = ".escapement/escapement.db";

    /// <summary>Makes the store; it is opened by who uses it.</summary>
    public static IJobStore Make(IServiceProvider services)
    {
        _ = FileOf(services);
        // Until the SQLite store is there.
        return new MemoryStore(services.GetRequiredService<TimeProvider>());
    }

    /// <summary>The file: the settings' or the default, relative paths under the content root.</summary>
    internal static string FileOf(IServiceProvider services) => System.IO.Path.GetFullPath(
        services.GetRequiredService<EscapementOptions>().Store.Path ?? Path,
        services.GetService<IHostEnvironment>()?.ContentRootPath ?? AppContext.BaseDirectory);
}
