using Escapement.Stores;
using Escapement.Testing.Stores;

namespace Escapement.Sqlite.Tests;

public sealed class SqliteUnderTest : IStoreUnderTest
{
    readonly StoreFolder folder = new();

    public IJobStore Handle(TimeProvider clock) => folder.Store(clock);

    public ValueTask DisposeAsync() => folder.DisposeAsync();
}

public sealed class SqliteClaims : ClaimContract<SqliteUnderTest>;

public sealed class SqliteUnknownHandlers : UnknownHandlerContract<SqliteUnderTest>;

public sealed class SqliteFireTimes : FireTimeContract<SqliteUnderTest>;

public sealed class SqliteOnce : OnceContract<SqliteUnderTest>;

public sealed class SqliteBackfills : BackfillContract<SqliteUnderTest>;

public sealed class SqliteBackfillsOfSpans : BackfillSpanContract<SqliteUnderTest>;

public sealed class SqliteHistories : HistoryContract<SqliteUnderTest>;

public sealed class SqliteWaiting : WaitingContract<SqliteUnderTest>;

public sealed class SqliteKeys : KeyContract<SqliteUnderTest>;

public sealed class SqliteEpochs : EpochContract<SqliteUnderTest>;

public sealed class SqliteSettling : SettleContract<SqliteUnderTest>;

public sealed class SqliteJobs : JobContract<SqliteUnderTest>;

public sealed class SqliteLedger : LedgerContract<SqliteUnderTest>;

public sealed class SqliteLayers : LayersContract<SqliteUnderTest>;

public sealed class SqliteAccount : AccountContract<SqliteUnderTest>;

public sealed class SqlitePauses : PauseContract<SqliteUnderTest>;

public sealed class SqliteFailures : FailureContract<SqliteUnderTest>;

public sealed class SqliteScopedPauses : ScopedPauseContract<SqliteUnderTest>;

public sealed class SqliteActions : ActionContract<SqliteUnderTest>;

public sealed class SqliteShared : SharedContract<SqliteUnderTest>;

public sealed class SqliteDues : DueContract<SqliteUnderTest>;

public sealed class SqliteAttempts : AttemptContract<SqliteUnderTest>;

public sealed class SqlitePages : PageContract<SqliteUnderTest>;

public sealed class SqliteTrims : TrimContract<SqliteUnderTest>;

public sealed class SqliteEdits : EditContract<SqliteUnderTest>;

public sealed class SqliteSlowTriggers : SlowTriggerContract<SqliteUnderTest>;
