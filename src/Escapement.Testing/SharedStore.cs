using Escapement.Stores;

namespace Escapement.Testing;

/// <summary>The store that the processes of a test share, with the faults that a test switches on and off.</summary>
sealed class SharedStore(IJobStore store) : IAsyncDisposable
{
    readonly SemaphoreSlim gate = new(1);
    string? application;

    /// <summary>The store itself.</summary>
    public IJobStore Store => store;

    /// <summary>The time that each call of an engine or a handler takes by the clock.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>True if the calls fail.</summary>
    public bool IsUnavailable { get; set; }

    /// <summary>Opens the store for the first process. The store stays open for all further processes.</summary>
    /// <exception cref="StoreRefusedException">Another program of the test has another name.</exception>
    public async Task OpenAsync(string name, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (application is null) await store.OpenAsync(name, cancellationToken);
            application ??= name;
            if (application == name) return;
            throw new StoreRefusedException(
                $"The store of the test belongs to the application '{application}', but this application is '{name}'. Give each application a test of its own.");
        }
        finally
        {
            gate.Release();
        }
    }

    public ValueTask DisposeAsync()
    {
        gate.Dispose();
        return store.DisposeAsync();
    }
}
