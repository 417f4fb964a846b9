using System.Net;
using System.Net.Sockets;
using Escapement.AspNetCore.Workers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

[assembly: HostingStartup(typeof(WorkerStartup))]

namespace Escapement.AspNetCore.Workers;

/// <summary>Makes a web program a worker, without its doing: it listens on the shared addresses, and on one of its own.</summary>
sealed class WorkerStartup : IHostingStartup
{
    /// <summary>Asked at the worker's own address alone; the launcher takes any answer.</summary>
    public const string AlivePath = "/.escapement/alive";

    const string OwnAddress = "http://127.0.0.1:0";

    /// <summary>Called by ASP.NET Core before the program's own lines.</summary>
    public void Configure(IWebHostBuilder builder) => builder.ConfigureServices(Configure);

    /// <summary>Does nothing where this process is no worker, and nothing the second time.</summary>
    public static void Configure(IServiceCollection services)
    {
        if (LauncherLink.Open() is not { } link) return;
        var listening = new Listening();
        services.AddSingleton<IStartupFilter>(new Filter(link, listening));
        services.PostConfigure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = listening.Bind);
        services.AddHostedService(provider => new WorkerService(link, listening, provider));
    }

    /// <summary>The sockets that Kestrel asks for.</summary>
    internal sealed class Listening
    {
        /// <summary>The port of this worker alone; 0 before it is bound.</summary>
        public int OwnPort { get; private set; }

        public Socket Bind(EndPoint endPoint)
        {
            if (endPoint is not IPEndPoint ip) return SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);

            // The launcher gives the shared addresses with their ports: port 0 is this worker's own.
            if (ip.Port != 0) return SharedPort.Bind(ip);
            var socket = SharedPort.BindAlone(ip);
            OwnPort = ((IPEndPoint)socket.LocalEndPoint!).Port;
            return socket;
        }
    }

    /// <summary>Runs when the addresses are known and before the server listens.</summary>
    sealed class Filter(LauncherLink link, Listening listening) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            if (app.ApplicationServices.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>() is { Addresses.IsReadOnly: false } feature)
            {
                // What the launcher holds is what is served, whatever the program says in code: its line tells the addresses.
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
