using Escapement.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Quickstart.Tests;

/// <summary>The whole sample on a clock that the test advances, with its files in a temporary folder.</summary>
sealed class QuickstartProgram : WebApplicationFactory<Program>
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("quickstart-tests-");

    /// <summary>The test with the clock. The first even second after the start is a fire time of each job.</summary>
    public SchedulerTest Test { get; } = new(new() { Start = new(2041, 5, 6, 7, 59, 59, TimeSpan.Zero) });

    /// <summary>Returns the path of a file of the sample.</summary>
    public string PathOf(string name) => Path.Combine(folder.FullName, name);

    protected override void ConfigureWebHost(IWebHostBuilder builder) => builder.ConfigureServices(services => Test.AddTo(services));

    // The program reads the folder before its services exist.
    protected override IHost CreateHost(IHostBuilder builder)
    {
        builder.ConfigureHostConfiguration(settings => settings.AddInMemoryCollection([new("data", folder.FullName)]));
        return base.CreateHost(builder);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Test.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
