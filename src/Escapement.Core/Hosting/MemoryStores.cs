using Escapement.Stores;

namespace Escapement.Hosting;

/// <summary>Makes the store in memory.</summary>
static class MemoryStores
{
    public static IJobStore Make(IServiceProvider services) => throw new NotSupportedException("The memory store is not there yet.");
}
