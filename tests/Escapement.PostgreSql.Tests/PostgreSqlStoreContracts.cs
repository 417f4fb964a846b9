using Escapement.Testing.Stores;

namespace Escapement.PostgreSql.Tests;

public sealed class PostgreSqlClaims : ClaimContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlUnknownHandlers : UnknownHandlerContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlFireTimes : FireTimeContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlOnce : OnceContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlBackfills : BackfillContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlBackfillsOfSpans : BackfillSpanContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlHistories : HistoryContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlWaiting : WaitingContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlKeys : KeyContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlEpochs : EpochContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlSettling : SettleContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlJobs : JobContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlLedger : LedgerContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlLayers : LayersContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlAccount : AccountContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlPauses : PauseContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlFailures : FailureContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlScopedPauses : ScopedPauseContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlActions : ActionContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlShared : SharedContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlDues : DueContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlAttempts : AttemptContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlPages : PageContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlTrims : TrimContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlEdits : EditContract<PostgreSqlUnderTest>;

public sealed class PostgreSqlSlowTriggers : SlowTriggerContract<PostgreSqlUnderTest>;
