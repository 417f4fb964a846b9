using Escapement;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Samples.Tests;

/// <summary>A test host without <c>AddTo</c>, as docs/testing.md shows.</summary>
public sealed class RunningProgramTests
{
    [Fact]
    public async Task The_scheduler_of_a_test_host_starts_on_request()
    {
        var folder = Directory.CreateTempSubdirectory("running-program-");
        try
        {
            await using var program = new RunningProgram();
            await using var own = program.WithWebHostBuilder(builder => builder.UseContentRoot(folder.FullName));
            var run = await own.Services.GetRequiredService<IScheduler>().RunAsync(
                "report", cancellationToken: TestContext.Current.CancellationToken);
            Assert.False(run.Existing);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
