// snippet
using Escapement;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;

namespace Samples.Tests;

public sealed class RunningProgram : WebApplicationFactory<Program>
{
    protected override void ConfigureWebHost(IWebHostBuilder builder) => builder.ConfigureServices(services =>
        services.AddEscapement(scheduler => scheduler.Configure(options => options.StartInTestHost = true)));
}
// end
