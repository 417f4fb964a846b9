using Escapement.Stores;
using Escapement.Testing.Stores;
using Microsoft.Extensions.Logging;

namespace Escapement.PostgreSql.Tests;

/// <summary>A schema of its own on the server of the test program.</summary>
public sealed class PostgreSqlUnderTest : IStoreUnderTest
{
    static int count;

    public string Schema { get; } = $"t{Interlocked.Increment(ref count)}";

    public IJobStore Handle(TimeProvider clock) => Store(clock);

    public PostgreSqlStore Store(TimeProvider clock, ILogger<PostgreSqlStore>? log = null, bool isSingleActive = false,
        int vacuumAfter = 40_000, long minIndexed = 2_000_000) =>
        new(new(Server.Current.Database, TimeSpan.FromSeconds(15))
        {
            Schema = Schema,
            UsesClockOfProgram = true,
            IsSingleActive = isSingleActive,
            SharePatience = TimeSpan.Zero,
            LockWait = TimeSpan.FromSeconds(2),
            VacuumAfter = vacuumAfter,
            MinIndexed = minIndexed,
        }, clock, log);

    // The schema goes with the server.
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
