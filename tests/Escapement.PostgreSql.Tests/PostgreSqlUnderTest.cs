using Escapement.Stores;
using Escapement.Testing.Stores;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Escapement.PostgreSql.Tests;

/// <summary>A schema of its own on the server of the test program.</summary>
public sealed class PostgreSqlUnderTest : IStoreUnderTest
{
    static int count;

    readonly NpgsqlDataSource database = NpgsqlDataSource.Create(Server.Current.ConnectionString);

    public string Schema { get; } = $"t{Interlocked.Increment(ref count)}";

    public IJobStore Handle(TimeProvider clock) => Store(clock);

    public PostgreSqlStore Store(TimeProvider clock, ILogger<PostgreSqlStore>? log = null, bool isSingleActive = false) =>
        new(new(database, TimeSpan.FromSeconds(15))
        {
            Schema = Schema,
            UsesClockOfProgram = true,
            IsSingleActive = isSingleActive,
            SharePatience = TimeSpan.Zero,
            LockWait = TimeSpan.FromSeconds(2),
        }, clock, log);

    // The schema goes with the server.
    public ValueTask DisposeAsync() => database.DisposeAsync();
}
