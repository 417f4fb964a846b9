using Escapement.Stores;
using Escapement.Testing.Stores;

namespace Escapement.Core.Tests.Stores;

/// <summary>
/// A memory store for each test. The store lives in a single process, so the store has a single handle.
/// </summary>
public sealed class MemoryStoreUnderTest : IStoreUnderTest
{
    bool made;

    public IJobStore? Handle(TimeProvider clock)
    {
        if (made) return null;
        made = true;
        return new MemoryStore(clock);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

public sealed class MemoryClaims : ClaimContract<MemoryStoreUnderTest>;

public sealed class MemoryUnknownHandlers : UnknownHandlerContract<MemoryStoreUnderTest>;

public sealed class MemoryFireTimes : FireTimeContract<MemoryStoreUnderTest>;

public sealed class MemoryRunsOnce : OnceContract<MemoryStoreUnderTest>;

public sealed class MemoryBackfills : BackfillContract<MemoryStoreUnderTest>;

public sealed class MemoryBackfillsOfSpans : BackfillSpanContract<MemoryStoreUnderTest>;

public sealed class MemoryHistories : HistoryContract<MemoryStoreUnderTest>;

public sealed class MemoryWaitingRuns : WaitingContract<MemoryStoreUnderTest>;

public sealed class MemoryKeys : KeyContract<MemoryStoreUnderTest>;

public sealed class MemoryEpochs : EpochContract<MemoryStoreUnderTest>;

public sealed class MemorySettles : SettleContract<MemoryStoreUnderTest>;

public sealed class MemoryJobs : JobContract<MemoryStoreUnderTest>;

public sealed class MemoryPauses : PauseContract<MemoryStoreUnderTest>;

public sealed class MemoryFailures : FailureContract<MemoryStoreUnderTest>;

public sealed class MemoryScopedPauses : ScopedPauseContract<MemoryStoreUnderTest>;

public sealed class MemoryActions : ActionContract<MemoryStoreUnderTest>;

public sealed class MemoryLedger : LedgerContract<MemoryStoreUnderTest>;

public sealed class MemoryLayers : LayersContract<MemoryStoreUnderTest>;

public sealed class MemoryAccount : AccountContract<MemoryStoreUnderTest>;

public sealed class MemoryDue : DueContract<MemoryStoreUnderTest>;

public sealed class MemoryAttempts : AttemptContract<MemoryStoreUnderTest>;

public sealed class MemoryPages : PageContract<MemoryStoreUnderTest>;

public sealed class MemoryTrims : TrimContract<MemoryStoreUnderTest>;

public sealed class MemoryEdits : EditContract<MemoryStoreUnderTest>;

public sealed class MemoryIsUnharmed : OwnTriggerTests<MemoryStoreUnderTest>;

public sealed class MemorySlowTriggers : SlowTriggerContract<MemoryStoreUnderTest>;

public sealed class MemoryHandles : SharedContract<MemoryStoreUnderTest>;
