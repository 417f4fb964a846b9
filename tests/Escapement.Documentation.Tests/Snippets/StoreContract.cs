// snippet
using Escapement.Stores;
using Escapement.Testing.Stores;

public sealed class MyStoreUnderTest : IStoreUnderTest
{
    readonly MyDatabase database = new();

    public IJobStore Handle(TimeProvider clock) => database.Open(clock);

    public ValueTask DisposeAsync() => database.DisposeAsync();
}

public sealed class MyStoreClaims : ClaimContract<MyStoreUnderTest>;
public sealed class MyStoreEpochs : EpochContract<MyStoreUnderTest>;
// end

sealed class MyDatabase : IAsyncDisposable
{
    public IJobStore Open(TimeProvider clock) => throw new NotImplementedException($"{clock}");

    public ValueTask DisposeAsync() => default;
}

static class Program
{
    static void Main()
    {
    }
}
