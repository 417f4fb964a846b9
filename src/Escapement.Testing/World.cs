using System.Globalization;

namespace Escapement.Testing;

/// <summary>An event at an instant of the clock.</summary>
/// <param name="process">The process of the event, or null. A killed process has no more events.</param>
/// <param name="ring">Called at the instant, on the world's thread.</param>
sealed class Alarm(TestProcess? process, Action ring)
{
    public bool IsCalledOff { get; set; }

    public bool IsStale => IsCalledOff || process is { IsGone: true };

    public void Ring() => ring();
}

/// <summary>The time of a test and the work of its engines. All work is done one piece at a time, in the order of its
/// arrival, and the clock advances from event to event when no work is left.</summary>
/// <remarks>
/// Nothing is left to do when no piece of work waits, no call of the store is under way, no host starts or stops, and each
/// handler under way waits for the clock. A handler that awaits anything else is waited for in real time.
/// </remarks>
sealed class World
{
    const int MaxStepsAtOnce = 2_000_000;

    readonly Lock gate = new();
    readonly Queue<(TestProcess Process, Action Work)> ready = new();
    readonly PriorityQueue<Alarm, (long At, long Number)> agenda = new();
    readonly List<RunWatch> runs = [];
    readonly List<TestProcess> processes = [];
    readonly SchedulerTestOptions options;
    readonly long start;
    ITimer? patience;
    Goal? goal;
    long now, jumped, alarms, progress, stepsAtOnce;
    int storeCalls;
    bool isWorking;

    public World(SchedulerTestOptions options) => (this.options, start) = (options, options.Start.UtcTicks);

    /// <summary>The monotonic clock, in ticks since the start.</summary>
    public long Now => Volatile.Read(ref now);

    /// <summary>The wall clock.</summary>
    public DateTimeOffset UtcNow => new(start + Now + Volatile.Read(ref jumped), TimeSpan.Zero);

    /// <summary>The last instant of the calendar on the monotonic clock, in ticks.</summary>
    public long Last => DateTimeOffset.MaxValue.UtcTicks - start - Volatile.Read(ref jumped);

    /// <summary>The instant a day from now on the monotonic clock, in ticks, at most <see cref="Last"/>.</summary>
    public long Tomorrow => Math.Min(Now + TimeSpan.TicksPerDay, Last);

    /// <summary>Sets the wall clock forward or back.</summary>
    public void Jump(TimeSpan by)
    {
        _ = UtcNow + by;
        Interlocked.Add(ref jumped, by.Ticks);
    }

    /// <summary>Adds a process.</summary>
    public void Add(TestProcess process)
    {
        lock (gate) processes.Add(process);
    }

    /// <summary>Adds work of a process, from any thread.</summary>
    public void Post(TestProcess process, Action work)
    {
        lock (gate)
        {
            if (process.IsGone) return;
            ready.Enqueue((process, work));
            Poke();
        }
    }

    /// <summary>Adds an event.</summary>
    /// <param name="delay">The time until the event, zero or more.</param>
    /// <param name="alarm">The event.</param>
    /// <param name="run">The run whose handler waits for the event, or null.</param>
    /// <param name="isLimit">True if the event only limits a wait of the handler.</param>
    public void Schedule(TimeSpan delay, Alarm alarm, RunWatch? run, bool isLimit)
    {
        lock (gate)
        {
            var at = long.MaxValue - now > delay.Ticks ? now + delay.Ticks : long.MaxValue;
            agenda.Enqueue(alarm, (at, alarms++));
            Count(run, isLimit, 1);
            Poke();
        }
    }

    /// <summary>Removes an event from the counts of its run, because the event happened or was called off.</summary>
    public void Unschedule(RunWatch? run, bool isLimit)
    {
        if (run is null) return;
        lock (gate) Count(run, isLimit, -1);
    }

    static void Count(RunWatch? run, bool isLimit, int by)
    {
        if (run is null) return;
        run.LimitCounts = false;
        if (isLimit) run.Limits += by;
        else run.Waits += by;
    }

    /// <summary>Begins to watch the handler of a run.</summary>
    public void Begin(RunWatch run)
    {
        lock (gate) runs.Add(run);
    }

    /// <summary>Ends to watch the handler of a run.</summary>
    public void End(RunWatch run)
    {
        lock (gate)
        {
            runs.Remove(run);
            Poke();
        }
    }

    /// <summary>Begins a call of the store, which never waits for the clock.</summary>
    public void BeginStoreCall() => Interlocked.Increment(ref storeCalls);

    /// <summary>Ends a call of the store.</summary>
    public void EndStoreCall()
    {
        if (Interlocked.Decrement(ref storeCalls) > 0) return;
        lock (gate) Poke();
    }

    /// <summary>Looks again whether the clock may advance, because the state of a process has changed.</summary>
    public void LookAgain()
    {
        lock (gate) Poke();
    }

    /// <summary>Removes all work of a killed process.</summary>
    public void Kill(TestProcess process)
    {
        lock (gate)
        {
            process.IsGone = true;
            runs.RemoveAll(run => run.Process == process);
            Poke();
        }
    }

    /// <summary>Advances the clock.</summary>
    /// <param name="until">The instant on the monotonic clock, in ticks.</param>
    /// <param name="isReached">Ends the advance earlier, or null.</param>
    /// <returns>True if the condition came to hold, or if no condition was given.</returns>
    /// <exception cref="SchedulerTestException">A handler holds up the clock, or a timer threw.</exception>
    public async Task<bool> AdvanceAsync(long until, Func<bool>? isReached = null)
    {
        if (RunWatch.Current is { } inside)
        {
            throw new InvalidOperationException(
                $"The clock was advanced inside the handler of {inside.Name}. Advance the clock from the test: the clock waits for the handler.");
        }

        var mine = new Goal(until, isReached);
        lock (gate)
        {
            if (goal is not null) throw new InvalidOperationException("The clock is already being advanced. Await each advance before the next.");
            goal = mine;
            Poke();
        }

        while (true)
        {
            var seen = Interlocked.Read(ref progress);
            try
            {
                return await mine.Done.WaitAsync(options.RealTimeLimit, TimeProvider.System);
            }
            catch (TimeoutException) when (!mine.Done.IsFaulted)
            {
                if (Interlocked.Read(ref progress) != seen) continue;
                string hindrance;
                lock (gate)
                {
                    goal = null;
                    hindrance = Hindrance();
                }

                throw new SchedulerTestException(hindrance);
            }
        }
    }

    /// <summary>Returns the sentence about the cause of a standstill.</summary>
    string Hindrance()
    {
        var limit = string.Create(CultureInfo.InvariantCulture, $"{options.RealTimeLimit.TotalSeconds:0.###} s of real time");
        var holders = runs.Where(run => !run.WaitsForClock).ToList();
        var blocking = holders.Find(run => !run.HasYielded);
        if (isWorking && (blocking ?? (holders is [var only] ? only : null)) is { } busy)
        {
            return $"The clock stands at {UtcNow:u}: for {limit}, the handler of {busy.Name} has blocked its thread. Let the handler await instead of blocking.";
        }

        if (holders is [var first, ..])
        {
            return $"The clock stands at {UtcNow:u}: for {limit}, the handler of {first.Name} has awaited something that is not the clock of the test: real I/O, a Task.Delay without the TimeProvider, or a task that the test completes later. Pass the TimeProvider of the container to the wait, or wrap a task of the test in SchedulerTest.WaitForTestAsync.";
        }

        if (processes.Find(process => process.HoldsClock) is { } changing)
        {
            return $"The clock stands at {UtcNow:u}: for {limit}, the host of process {changing.Name.Pid} has started or stopped. A hosted service of the program may block its start or its stop.";
        }

        return $"The clock stands at {UtcNow:u}: for {limit}, {(storeCalls > 0 ? "the store has not answered" : "the engine has been busy")}.";
    }

    // Called under the lock.
    void Poke()
    {
        if (isWorking || (ready.Count == 0 && goal is null)) return;
        isWorking = true;
        ThreadPool.UnsafeQueueUserWorkItem(static world => world.Work(), this, preferLocal: false);
    }

    void Work()
    {
        while (true)
        {
            Action? next = null;
            lock (gate)
            {
                while (next is null)
                {
                    if (ready.TryDequeue(out var item))
                    {
                        if (!item.Process.IsGone) next = item.Work;
                        continue;
                    }

                    if (NextAlarm() is not { } alarm)
                    {
                        isWorking = false;
                        return;
                    }

                    next = alarm.Ring;
                }
            }

            Interlocked.Increment(ref progress);
            stepsAtOnce++;
            try
            {
                next();
            }
            catch (Exception e)
            {
                Fail(new SchedulerTestException($"A timer of the program threw at {UtcNow:u}: {e.Message}", e));
            }

            if (stepsAtOnce > MaxStepsAtOnce)
            {
                stepsAtOnce = 0;
                Fail(new SchedulerTestException(
                    $"The clock stands at {UtcNow:u}: the program had {MaxStepsAtOnce} pieces of work at this instant and does not come to rest. A loop may wait for a time of zero."));
            }
        }
    }

    void Fail(SchedulerTestException failure)
    {
        lock (gate)
        {
            goal?.Fail(failure);
            goal = null;
        }
    }

    /// <summary>Returns the next event, after moving the clock to its instant, or null if the clock must stand.</summary>
    Alarm? NextAlarm()
    {
        if (goal is not { } aim) return null;
        if (aim.IsReached)
        {
            goal = null;
            aim.Reach();
            return null;
        }

        if (IsBusy()) return null;
        while (agenda.TryPeek(out var stale, out _) && stale.IsStale) agenda.Dequeue();
        if (agenda.TryPeek(out var alarm, out var due) && due.At <= aim.Until)
        {
            agenda.Dequeue();
            PassTo(due.At);
            return alarm;
        }

        PassTo(aim.Until);
        goal = null;
        aim.End();
        return null;
    }

    void PassTo(long at)
    {
        if (at <= now) return;
        stepsAtOnce = 0;
        Volatile.Write(ref now, at);
    }

    /// <summary>Returns whether anything is under way that does not wait for the clock.</summary>
    bool IsBusy()
    {
        if (Volatile.Read(ref storeCalls) > 0) return true;
        foreach (var process in processes)
            if (process.HoldsClock) return true;
        var limited = false;
        foreach (var run in runs)
        {
            if (run.WaitsForClock) continue;
            if (!run.IsLimited) return true;
            limited = true;
        }

        if (limited) patience ??= TimeProvider.System.CreateTimer(Patient, progress, options.TimeoutPatience, Timeout.InfiniteTimeSpan);
        return limited;
    }

    /// <summary>Lets the time limits of handlers count as waits, because the handlers made no progress.</summary>
    void Patient(object? seen)
    {
        lock (gate)
        {
            patience?.Dispose();
            patience = null;
            if (progress == (long)seen!)
            {
                foreach (var run in runs)
                    if (run.IsLimited) run.LimitCounts = true;
            }

            Poke();
        }
    }
}
