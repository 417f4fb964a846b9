using Escapement.Engine;
using Escapement.Hosting;
using Escapement.Ledger;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Escapement.Scenarios.Tests;

public sealed class DesignTimeTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("escapement-design-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>
    /// A stand-in for the server of build-time OpenAPI, which never listens. The product recognizes the type name.
    /// </summary>
    sealed class NoopServer : IServer
    {
        public IFeatureCollection Features { get; } = new FeatureCollection();

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken) where TContext
            : notnull => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose()
        {
        }
    }

    WebApplication Build(Action<WebApplicationBuilder> change, Action<EscapementOptions>? options = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = folder });
        change(builder);
        builder.AddEscapement(scheduler => scheduler.Configure(options ?? (_ => { })).Add("tick", "* * * * *", () => { }));
        return builder.Build();
    }

    [Fact]
    public async Task A_design_time_run_takes_no_lock_and_makes_no_store()
    {
        await using var app = Build(builder => builder.Services.AddSingleton<IServer, NoopServer>());
        await app.StartAsync(TestContext.Current.CancellationToken);
        Assert.IsType<NodeState.Refused>(app.Services.GetRequiredService<ThisNode>().State);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_test_host_does_not_start_it_unless_the_test_asks()
    {
        await using (var app = Build(builder => builder.WebHost.UseTestServer()))
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
            Assert.Equal(Reason.TestHost, app.Services.GetRequiredService<ThisNode>().State.Reason);
            await app.StopAsync(TestContext.Current.CancellationToken);
        }

        await using (var app = Build(builder => builder.WebHost.UseTestServer(), options => options.StartInTestHost = true))
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
            Assert.Equal("active", app.Services.GetRequiredService<ThisNode>().State.Role);
            await app.StopAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Two_test_hosts_with_jobs_in_memory_are_both_active_and_leave_no_file_whatever_the_settings_say()
    {
        await using var one = BuildInMemory();
        await using var two = BuildInMemory();
        await one.StartAsync(TestContext.Current.CancellationToken);
        await two.StartAsync(TestContext.Current.CancellationToken);
        Assert.All([one, two], app => Assert.Equal("active", app.Services.GetRequiredService<ThisNode>().State.Role));
        await one.StopAsync(TestContext.Current.CancellationToken);
        await two.StopAsync(TestContext.Current.CancellationToken);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));

        WebApplication BuildInMemory() => Build(
            builder =>
            {
                builder.WebHost.UseTestServer();
                builder.AddEscapement(scheduler => scheduler.UseMemory());
            },
            options => (options.StartInTestHost, options.LockFile) = (true, "memory.lock"));
    }
}
