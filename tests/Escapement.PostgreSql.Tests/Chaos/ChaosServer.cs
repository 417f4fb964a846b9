namespace Escapement.PostgreSql.Tests.Chaos;

/// <summary>A server of their own for the tests that stop the server and end its sessions, so that all other tests go on. These tests
/// run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class ChaosServer : ICollectionFixture<ChaosServer>, IAsyncLifetime
{
    public const string Name = "chaos";

    static Server? current;

    /// <summary>The running server.</summary>
    internal static Server Current => current ?? throw new InvalidOperationException("The server does not run.");

    public ValueTask InitializeAsync() => (current = new("-chaos")).InitializeAsync();

    public ValueTask DisposeAsync() => Current.DisposeAsync();
}
