using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>Claims due work: reads the due rows in one round trip, passes them to a <see cref="ClaimPlan"/>, and writes the plan in a
/// single statement, which holds only for the jobs that are as they were read.</summary>
/// <param name="plan">The plan, reused for each claim.</param>
/// <param name="cache">The cache of parsed jobs.</param>
/// <param name="host">The clock that decides in place of the database's clock, or null.</param>
/// <param name="patience">How long a node leaves the due rows of another node's share to that node.</param>
sealed class ClaimTransaction(ClaimPlan plan, JobCache cache, TimeProvider? host, TimeSpan patience)
{
    /// <summary>The delay before a claim is retried after a job was left out.</summary>
    static readonly TimeSpan TriedAgainAfter = TimeSpan.FromMilliseconds(50);

    static readonly Sql WriteNumber = new($"""
        update esc.epoch set claims = $2, {EpochTable.NextBeat}, last_sign = $4, probes = 0
        where number = $1 and node = $3 and ended is null and {EpochTable.Claims} < $2 returning number
        """);

    /// <summary>The order of the living epochs of the last claim, from which follow the shares of this node.</summary>
    long[] living = [];

    /// <summary>The number of living epochs of the last claim, at least one.</summary>
    public int Nodes => Math.Max(1, living.Length);

    /// <summary>The notification of the last claim.</summary>
    public Notification Notification { get; private set; }

    /// <summary>Claims. Writes nothing if nothing is due.</summary>
    public async Task<Claimed> RunAsync(Session db, ClaimRequest request)
    {
        Notification = default;
        if (request.Unanswered is not { } from) return await ClaimAsync(db, request, 0);
        return await HandOutAgainAsync(db, request, from) is { } again
            ? (await ClaimAsync(db, request, request.Number)).After(again)
            : Claimed.Refused;
    }

    async Task<Claimed> ClaimAsync(Session db, ClaimRequest request, long written)
    {
        while (true)
        {
            if (await ReadAsync(db, request, written) is not { } read) return Claimed.Refused;
            var answer = new long[plan.Runs.Length];
            if (!plan.Writes) return plan.Answer(answer);
            if (plan.State.Changed)
            {
                // The state is locked before epochs, so the end of its pause is a transaction of its own.
                await EndPauseAsync(db, read);
                continue;
            }

            if (read.Epochs.Exists(epoch => epoch.Number == request.Epoch && epoch.StateNumber != read.State.Number))
            {
                await NumberEpochAsync(db, request.Epoch);
                continue;
            }

            var result = await WriteAsync(db, request, read, written);
            if (!result.Lives) return await WhyNotAsync(db, request, written);
            var claimed = plan.Answer(result.Tokens);
            return Array.TrueForAll(result.Held, held => held) ? claimed : claimed.DueAt(Earlier(claimed.NextDue,
                Instant.FromMicros(plan.Now).Add(TriedAgainAfter)));
        }
    }

    /// <summary>Reads the due rows into the plan.</summary>
    /// <returns>What was read, or null if the claim is refused.</returns>
    async Task<ClaimRead?> ReadAsync(Session db, ClaimRequest request, long written)
    {
        for (var factor = 1L; ; factor *= 8)
        {
            var places = ClaimPlace.Of(request, living, patience, factor);
            var read = await ClaimRows.ReadAsync(db, request.Epoch, places, host?.GetUtcNow());
            long[] now = [.. read.Epochs.Where(epoch => epoch.Ended is null).Select(epoch => epoch.Number)];
            if (!now.AsSpan().SequenceEqual(living))
            {
                living = now;
                if (patience > TimeSpan.Zero)
                {
                    // The shares have changed hands.
                    places = ClaimPlace.Of(request, living, patience, factor);
                    read = await ClaimRows.ReadAsync(db, request.Epoch, places, host?.GetUtcNow());
                }
            }

            var row = read.Epochs.Find(epoch => epoch.Number == request.Epoch);
            if (read.State.Scheduler.ShutDown is not null || !MayClaim(row, request, written)) return null;
            var around = await AroundAsync(db, read.State.Stamp);
            plan.Begin(host?.GetUtcNow() ?? Instant.FromMicros(read.At), request, read.State.Scheduler, around.Downtimes, around.Scopes);
            if (await TakeAsync(db, read, places)) return read;
        }
    }

    static bool MayClaim(Epoch? row, ClaimRequest request, long written) =>
        EpochRules.MayClaim(row is not null && written > 0 && row.Claims == written ? row with { Claims = written - 1 } : row, request);

    async Task<Surroundings> AroundAsync(Session db, long stamp)
    {
        if (cache.Around is { } known && known.Stamp == stamp) return known;
        Surroundings read = new(stamp, EpochRules.Downtimes(await EpochTable.RecentAsync(db)), await PauseTable.ScopesAsync(db));
        cache.Around = read;
        return read;
    }

    /// <summary>Passes the rows to the plan, in its order.</summary>
    /// <returns>False if more rows must be read, because the read rows leave slots free.</returns>
    async Task<bool> TakeAsync(Session db, ClaimRead read, List<ClaimPlace> places)
    {
        var jobs = await JobsAsync(db, read.Rows);
        Dictionary<(int Place, long Priority, bool Waits, bool Due), (int Rows, int PassedOver)> groups = [];
        foreach (var row in read.Rows.OrderBy(
            row => row.Order(places[row.Place].Delay), Comparer<(int, long, long, long, long)>.Create(ClaimPlan.Order)))
        {
            if (row.Waiting is null && !plan.TakesFireTimes) continue;
            var place = places[row.Place];
            var at = row.At + place.Delay;
            var key = (row.Place, row.Priority, row.Waiting is not null, at <= plan.Now);
            var (rows, passedOver) = groups.GetValueOrDefault(key);
            if (!jobs.TryGetValue(row.Job, out var stored))
            {
                plan.SetAside(JobId.Parse($"unreadable-{row.Job}"),
                    $"The store has no job number {row.Job}, but a due row refers to this number. Delete the row, or restore a backup.");
                groups[key] = (rows + 1, passedOver + 1);
                continue;
            }

            if (stored.Job.Error is { } error) plan.SetAside(stored.Job.Id, error);
            var passes = plan.PassesOver(stored, row.At, row.Waiting);
            groups[key] = (rows + 1, passedOver + (passes ? 1 : 0));
            if (passes) continue;
            if (at > plan.Now) plan.NotDue(place.Executor, at);
            else if (plan.Wants(place.Executor)) await TakeAsync(db, row, stored);
        }

        foreach (var (key, (rows, passedOver)) in groups)
        {
            var place = places[key.Place];
            if (rows < (key.Due ? place.Most : place.Later) || !plan.Wants(place.Executor)) continue;

            // Slots are free although the rows of a group were cut: the work is not spread evenly over the shares.
            if (key.Due || passedOver == rows) return false;
        }

        return true;
    }

    /// <summary>Returns the jobs of rows, from the cache where their stamps are the same.</summary>
    async Task<Dictionary<long, StoredJob>> JobsAsync(Session db, List<DueRow> rows)
    {
        Dictionary<long, StoredJob> jobs = [];
        List<long> missing = [];
        foreach (var row in rows)
        {
            if (jobs.ContainsKey(row.Job)) continue;
            if (cache.Get(row.Job, row.Stamp) is { } known && known.Fits(row.State)) jobs.Add(row.Job, known.Stored);
            else missing.Add(row.Job);
        }

        if (missing.Count == 0) return jobs;
        foreach (var job in await JobTable.FindAsync(db, missing))
        {
            // A newer definition has a newer change counter, so that a plan with the older row is not written.
            cache.Add(job);
            jobs[job.Stored.Number] = job.Stored;
        }

        return jobs;
    }

    async Task TakeAsync(Session db, DueRow row, StoredJob stored)
    {
        if (row.Waiting is { } waiting)
        {
            plan.Take(stored, row.State, waiting);
            return;
        }

        Entry? entry = row.Last is var (first, last, change, reason, cause)
            ? new()
            {
                Job = stored.Job.Id,
                First = Instant.FromMicros(first),
                Last = Instant.FromMicros(last),
                Change = change,
                Reason = (Reason)reason,
                Cause = cause,
            }
            : null;
        if (plan.Take(stored, row.State, entry) == Taken.ReadRan)
            plan.Take(stored, row.State, entry, await RunTable.RanAsync(db, stored.Number, plan.Lookups));
    }

    async Task<ClaimWritten> WriteAsync(Session db, ClaimRequest request, ClaimRead read, long written)
    {
        try
        {
            return await WriteAsync(db, request, read, written, null);
        }
        catch (PostgresException e) when (PostgreSqlFaults.IsOfARow(e))
        {
            return await WriteEachAsync(db, request, read, written);
        }
    }

    /// <summary>Writes unit by unit, and sets aside the job whose run exists already, or whose values cannot be
    /// used, which only a manual edit can have written.</summary>
    async Task<ClaimWritten> WriteEachAsync(Session db, ClaimRequest request, ClaimRead read, long written)
    {
        var (held, tokens) = (new bool[plan.Units.Length], new long[plan.Runs.Length]);
        for (var unit = 0; unit < held.Length; unit++)
        {
            try
            {
                var result = await WriteAsync(db, request, read, written, unit);
                if (!result.Lives) return unit == 0 ? result : new(true, held, tokens);
                written = request.Number;
                held[unit] = result.Held[unit];
                for (var run = 0; run < tokens.Length; run++) tokens[run] = Math.Max(tokens[run], result.Tokens[run]);
            }
            catch (PostgresException e) when (PostgreSqlFaults.IsOfARow(e))
            {
                plan.SetAside(plan.Units[unit].Job.Job.Id, e.SqlState == PostgresErrorCodes.UniqueViolation
                    ? $"The job has a claimed run with the key of a new run: {e.Detail ?? e.MessageText}"
                    : e.ConstraintName is { } constraint
                    ? $"A constraint of the table {e.TableName} refuses the job: {e.MessageText} ({e.SqlState}). Drop the constraint {constraint} if it was added to the schema of Escapement, or correct the rows of the job."
                    : $"The job has a row whose values cannot be used: {e.MessageText} ({e.SqlState}). Correct its row in the table due.");
            }
        }

        return new(true, held, tokens);
    }

    async Task<ClaimWritten> WriteAsync(Session db, ClaimRequest request, ClaimRead read, long written, int? only)
    {
        var at = (read.State.Number, read.At);
        if (!HasMore(only))
        {
            var plain = await ClaimWriting.RunAsync(db, plan, request, at, written, only);
            if (plain.Lives) Notification = Notification.And(new(plan.Signal));
            return plain;
        }

        await db.BeginAsync();
        try
        {
            var result = await ClaimWriting.RunAsync(db, plan, request, at, written, only);
            if (result.Lives) await WriteMoreAsync(db, result.Held);
            await db.CommitAsync();
            if (result.Lives) Notification = Notification.And(new(plan.Signal));
            return result;
        }
        catch (PostgresException)
        {
            await db.RollbackAsync();
            throw;
        }
    }

    /// <summary>Returns true if more than watermarks and runs must be written.</summary>
    bool HasMore(int? only)
    {
        if (plan.Entries.Length + plan.Waits.Length + plan.Fates.Length > 0) return true;
        for (var i = 0; i < plan.Units.Length; i++)
            if ((only is null || only == i) && plan.Units[i].Marks) return true;
        foreach (ref readonly var run in plan.Runs)
            if (MayBeMissed(run.Id, plan.Units[run.Unit])) return true;
        return false;
    }

    /// <summary>Returns true if a missed run may have the key of a run. Only a waiting fire time, or a fire time that is not later than
    /// the last claimed fire time, can have been missed.</summary>
    static bool MayBeMissed(RunId id, in ClaimUnit unit) => id.Number == 0 && (!unit.Moves || id.FireTime <= unit.Before.Last);

    /// <summary>Writes the rest of the units that held. Their jobs' rows are locked.</summary>
    async Task WriteMoreAsync(Session db, bool[] held)
    {
        var tx = new Transaction(db, cache, new AtInstant(Instant.FromMicros(plan.Now)));
        await tx.ReadClockAsync();
        List<RunId> missed = [];
        foreach (ref readonly var run in plan.Runs)
            if (held[run.Unit] && MayBeMissed(run.Id, plan.Units[run.Unit])) missed.Add(run.Id);
        List<WaitingRun> waits = [];
        foreach (ref readonly var wait in plan.Waits)
        {
            if (!held[wait.Unit]) continue;
            if (MayBeMissed(wait.Run.Id, plan.Units[wait.Unit])) missed.Add(wait.Run.Id);
            waits.Add(wait.Run);
        }

        List<(long, Entry, Entry?)> entries = [];
        foreach (ref readonly var entry in plan.Entries)
            if (held[entry.Unit]) entries.Add((plan.Units[entry.Unit].Job.Number, entry.Entry, entry.Replaces));
        List<RunId> blocked = [];
        List<(WaitingRun, RunEnd, JobOptions)> ended = [];
        foreach (ref readonly var fate in plan.Fates)
        {
            if (!held[fate.Unit]) continue;
            if (fate.End is { } end) ended.Add((fate.Run, end, plan.Units[fate.Unit].Job.Job.Options));
            else blocked.Add(fate.Run.Id);
        }

        for (var i = 0; i < held.Length; i++)
            if (held[i] && plan.Units[i].Marks) await JobTable.WriteMarksAsync(db, plan.Units[i], tx.Now);
        await RunTable.DeleteMissedAsync(db, missed);
        await LedgerTable.AddAsync(db, entries);
        await WaitingTable.AddAsync(db, waits);
        await WaitingTable.BlockAsync(db, blocked);
        await EndTransaction.EndWaitingAsync(tx, ended);
        Notification = Notification.And(tx.Notification);
    }

    /// <summary>Writes the end of an expired pause of all jobs, unless the state was changed meanwhile.</summary>
    async Task EndPauseAsync(Session db, ClaimRead read)
    {
        await db.BeginAsync();
        await StateTable.LockAsync(db, alone: true);
        await EpochTable.LockLivingAsync(db);
        if ((await StateTable.ReadAsync(db)).Number == read.State.Number)
            await StateTable.WriteAsync(db, plan.State, Instant.FromMicros(plan.Now));
        await db.CommitAsync();
    }

    /// <summary>Gives an epoch the number of the state again. A snapshot in which they differ shows a manual edit, under which no plan
    /// would ever be written.</summary>
    static async Task NumberEpochAsync(Session db, long epoch)
    {
        await db.BeginAsync();
        await StateTable.LockAsync(db, alone: false);
        await EpochTable.NumberAsync(db, epoch);
        await db.CommitAsync();
    }

    /// <summary>Returns the answer to a claim of which nothing was written: the epoch has ended, or the plan was too old.</summary>
    async Task<Claimed> WhyNotAsync(Session db, ClaimRequest request, long written)
    {
        var state = await StateTable.ReadAsync(db);
        return state.Scheduler.ShutDown is not null || !MayClaim(await EpochTable.FindAsync(db, request.Epoch), request, written)
            ? Claimed.Refused
            : new([], Instant.FromMicros(plan.Now));
    }

    /// <summary>Handles a claim without an answer: the update of the own epoch's row waits for a claim under way, and a new statement
    /// finds its runs.</summary>
    async Task<IReadOnlyList<ClaimedRun>?> HandOutAgainAsync(Session db, ClaimRequest request, long from)
    {
        var now = host?.GetUtcNow() ?? await db.NowAsync();
        await db.BeginAsync();
        if (await db.ScalarAsync(WriteNumber, request.Epoch, request.Number, request.Node, now) is null)
        {
            await db.RollbackAsync();
            return null;
        }

        var open = await RunTable.SinceAsync(db, request.Epoch, from, request.Number);
        var jobs = (await JobTable.FindAsync(db, open.Select(run => run.Id.Job)))
            .ToDictionary(job => job.Stored.Number, job => job.Stored.Job);
        await db.CommitAsync();
        List<ClaimedRun> runs = [];
        foreach (var run in open)
        {
            if (!jobs.TryGetValue(run.Id.Job, out var job)) continue;
            runs.Add(new()
            {
                Id = run.Id,
                Job = job,
                FireTime = RunPages.FireTime(job, run.Id),
                Arguments = run.Arguments ?? job.Arguments,
                Attempt = run.Attempt,
                Token = run.Token,
                MisfireGraceFrom = run.MisfireGraceFrom,
            });
        }

        return runs;
    }

    static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset b) => a < b ? a : b;

    /// <summary>The clock of a plan.</summary>
    sealed class AtInstant(DateTimeOffset at) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => at;
    }
}
