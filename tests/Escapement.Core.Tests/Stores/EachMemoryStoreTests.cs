using Escapement.Stores;
using Escapement.Testing.Stores;

namespace Escapement.Core.Tests.Stores;

/// <summary>A memory store in which every node is active.</summary>
public sealed class EachMemoryStoreUnderTest : IStoreUnderTest
{
    bool made;

    public IJobStore? Handle(TimeProvider clock)
    {
        if (made) return null;
        made = true;
        return new MemoryStore(clock, ActiveNodes.Each);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

public sealed class EachMemoryClaims : ClaimContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryUnknownHandlers : UnknownHandlerContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryFireTimes : FireTimeContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryRunsOnce : OnceContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryBackfills : BackfillContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryBackfillsOfSpans : BackfillSpanContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryHistories : HistoryContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryWaitingRuns : WaitingContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryKeys : KeyContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryEpochs : EpochContract<EachMemoryStoreUnderTest>;

public sealed class EachMemorySettles : SettleContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryJobs : JobContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryPauses : PauseContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryFailures : FailureContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryScopedPauses : ScopedPauseContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryActions : ActionContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryLedger : LedgerContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryLayers : LayersContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryAccount : AccountContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryDue : DueContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryAttempts : AttemptContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryPages : PageContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryTrims : TrimContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryEdits : EditContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryIsUnharmed : OwnTriggerTests<EachMemoryStoreUnderTest>;

public sealed class EachMemorySlowTriggers : SlowTriggerContract<EachMemoryStoreUnderTest>;

public sealed class EachMemoryHandles : SharedContract<EachMemoryStoreUnderTest>;
