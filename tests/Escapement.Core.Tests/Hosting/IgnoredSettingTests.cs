using Escapement.Core.Tests.Engine;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Escapement.Core.Tests.Hosting;

/// <summary>A setting that the store does not use.</summary>
public sealed class IgnoredSettingTests
{
    [Theory]
    [InlineData(null, 0), InlineData("shop", 1)]
    public async Task A_schema_for_a_store_without_schemas_is_told(string? schema, int told)
    {
        List<string> lines = [];
        var builder = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = "tests" });
        builder.Logging.ClearProviders().AddProvider(new ListLoggerProvider(lines));
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["SCHEDULER_SCHEMA"] = schema });
        builder.AddEscapementCore(scheduler => scheduler.UseMemory().Add("mail", () => { }));
        using var host = builder.Build();
        await host.StartAsync();
        await host.StopAsync();

        lock (lines)
        {
            Assert.Equal(told, lines.Count(line =>
                line.Contains("SCHEMA is set, but the store memory has no schemas. The key is ignored.", StringComparison.Ordinal)));
        }
    }
}
