using System.Security.Cryptography;
using Escapement.Leadership;
using Escapement.Sqlite;
using Escapement.Stores;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Escapement.AspNetCore.Workers;

/// <summary>Finds errors in the launcher that would end each worker at startup, and reports each error once.</summary>
static class LaunchCheck
{
    /// <summary>Checks the files of the store, the lock file and the certificate. Creates no file.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="urls">The shared addresses.</param>
    /// <returns>The warning that concerns all workers, or null.</returns>
    /// <exception cref="WorkersRefusedException">Workers would not start. The message gives the reason and the
    /// remedy.</exception>
    public static async Task<string?> RunAsync(IServiceCollection services, IReadOnlyList<string> urls)
    {
        // Not disposed, because the program's builder still uses instances of the provider, such as its
        // configuration.
        var provider = new ServiceCollection().Add(services).AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance)
            .BuildServiceProvider();
        CheckFiles(provider);
        if (urls.FirstOrDefault(url => url.StartsWith("https:", StringComparison.OrdinalIgnoreCase)) is { } https)
        {
            await TryCertificateAsync(provider, https);
        }

        return Store(provider) is { } store ? provider.GetRequiredService<EscapementOptions>().LocalStoreWarning(store) : null;
    }

    static void CheckFiles(IServiceProvider provider)
    {
        if (Store(provider) is not SqliteStore { Place.File: { } store }) return;
        try
        {
            if (IsFirstStart(provider, store)) return;
            SqliteFiles.Check(store);
            var root = provider.GetService<IHostEnvironment>()?.ContentRootPath ?? AppContext.BaseDirectory;
            provider.GetRequiredService<EscapementOptions>().CheckLockFile(store, root);
        }
        catch (Exception e) when (e is StoreRefusedException or StoreUnavailableException or LockRefusedException or IOException)
        {
            throw new WorkersRefusedException(e.Message, e);
        }
    }

    static IJobStore? Store(IServiceProvider provider)
    {
        try
        {
            return provider.GetService<IJobStore>();
        }
        catch (Exception e) when (e is not SettingsException)
        {
            // Other errors of the program, such as a service that is registered later, are reported by the worker.
            return null;
        }
    }

    /// <summary>Returns true if the first worker creates the folder of the store and of the lock file.</summary>
    static bool IsFirstStart(IServiceProvider provider, string store) =>
        provider.GetRequiredService<EscapementOptions>().LockFile is null && Path.GetDirectoryName(store) is { } folder
        && !Path.Exists(folder) && Directory.Exists(Path.GetDirectoryName(folder));

    /// <summary>Starts and stops the program's own server at a free loopback port, because only the server knows its
    /// certificate sources.</summary>
    static async Task TryCertificateAsync(IServiceProvider provider, string url)
    {
        using var server = provider.GetService<IServer>();
        if (server?.Features.Get<IServerAddressesFeature>() is not { Addresses.IsReadOnly: false } feature) return;
        feature.PreferHostingUrls = true;
        feature.Addresses.Clear();
        feature.Addresses.Add("https://127.0.0.1:0");
        try
        {
            await server.StartAsync(new NoApplication(), CancellationToken.None);
        }
        catch (Exception e) when (
            e is InvalidOperationException or CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new WorkersRefusedException(
                $"{url} cannot be served: {e.Message.Split('\n')[0].Trim()} Set a certificate with Kestrel:Certificates:Default:Path, or use an http address.", e);
        }

        await server.StopAsync(CancellationToken.None);
    }

    /// <summary>Answers no request.</summary>
    sealed class NoApplication : IHttpApplication<IFeatureCollection>
    {
        public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

        public Task ProcessRequestAsync(IFeatureCollection context) => Task.CompletedTask;

        public void DisposeContext(IFeatureCollection context, Exception? exception)
        {
        }
    }
}
