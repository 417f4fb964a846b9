using Escapement.AspNetCore.Workers;
using Escapement.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

[assembly: HostingStartup(typeof(WorkerStartup))]

namespace Escapement.AspNetCore.Workers;

/// <summary>Turns a web program into a worker without changes to the program: the worker listens on the shared
/// addresses and on an address of its own.</summary>
sealed class WorkerStartup : IHostingStartup
{
    /// <summary>The path of the probe, served only at the worker's own address. The launcher accepts any
    /// response.</summary>
    public const string AlivePath = "/.escapement/alive";

    const string OwnAddress = "http://127.0.0.1:0";

    /// <summary>Called by ASP.NET Core before the program's own code.</summary>
    public void Configure(IWebHostBuilder builder) => builder.ConfigureServices(Configure);

    /// <summary>Configures a worker. Does nothing in any process that is not a worker, and nothing on the second
    /// call.</summary>
    public static void Configure(IServiceCollection services)
    {
        if (LauncherLink.Open() is not { } link) return;
        WorkerLines.Prefix();
        services.AddSingleton<LaunchedWorker>();
        var listening = new WorkerSockets();
        services.AddSingleton<IStartupFilter>(new Filter(link, listening));
        services.PostConfigure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = listening.Bind);
        services.AddHostedService(provider => new WorkerService(link, listening, provider));
    }

    /// <summary>Runs when the addresses are known, before the server listens.</summary>
    sealed class Filter(LauncherLink link, WorkerSockets listening) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            if (app.ApplicationServices.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>() is { Addresses.IsReadOnly: false } feature)
            {
                // The launcher's reservation decides the addresses, because its output tells the user where to
                // connect. Code in the program does not.
                feature.PreferHostingUrls = true;
                feature.Addresses.Clear();
                foreach (var url in link.Urls) feature.Addresses.Add(url);
                feature.Addresses.Add(OwnAddress);
            }

            app.Use((context, rest) =>
            {
                if (context.Connection.LocalPort != listening.OwnPort || context.Request.Path != AlivePath) return rest(context);
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                return Task.CompletedTask;
            });
            next(app);
        };

    }
}
