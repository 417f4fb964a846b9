using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Escapement.ReplayHost;

/// <summary>A web application that serves a scheduler with a transcript's settings, handlers and jobs.</summary>
public sealed class ReplayServer : IAsyncDisposable
{
    readonly DirectoryInfo? files;

    ReplayServer(WebApplication app, DirectoryInfo? files) => (App, this.files) = (app, files);

    /// <summary>Gets the application. The application listens as soon as the node is active or standby.</summary>
    public WebApplication App { get; }

    /// <summary>Builds the application without starting anything.</summary>
    public static ReplayServer Build(Setup setup, string urls)
    {
        // Two in-memory hosts must not find each other's lock.
        var files = setup.HasFilesOfItsOwn ? Directory.CreateTempSubdirectory("escapement-replay-") : null;
        try
        {
            return new(Make(setup, urls, files?.FullName ?? Directory.GetCurrentDirectory()), files);
        }
        catch
        {
            files?.Delete(recursive: true);
            throw;
        }
    }

    static WebApplication Make(Setup setup, string urls, string contentRoot)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = contentRoot });
        builder.Configuration.AddInMemoryCollection(setup.Values);
        builder.Configuration["urls"] = urls;
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.AddEscapement(scheduler =>
        {
            foreach (var handler in setup.Handlers) scheduler.Handler(handler.Name, handler.ToDelegate());
        });
        var app = builder.Build();
        app.MapEscapement();
        return app;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await App.DisposeAsync();
        }
        finally
        {
            files?.Delete(recursive: true);
        }
    }
}
