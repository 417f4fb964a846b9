namespace Escapement.Testing;

/// <summary>The clock of a process, or of the whole test.</summary>
/// <param name="world">The time.</param>
/// <param name="process">The process whose timers end with the process, or null.</param>
sealed class TestClock(World world, TestProcess? process) : TimeProvider
{
    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long GetTimestamp() => world.Now;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => world.UtcNow;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new Timer(world, process, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    sealed class Timer(World world, TestProcess? process, TimerCallback callback, object? state) : ITimer
    {
        readonly ExecutionContext? context = ExecutionContext.Capture();
        readonly RunWatch? run = RunWatch.Current;

        // A CancellationTokenSource, or the task of a WaitAsync. All other timers are waits, Task.Delay among them.
        readonly bool isLimit = state is CancellationTokenSource
            || (state is Task && state.GetType().Name.StartsWith("CancellationPromise", StringComparison.Ordinal));

        readonly Lock gate = new();
        Alarm? alarm;
        TimeSpan period;
        bool isDisposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Check(dueTime, nameof(dueTime));
            Check(period, nameof(period));
            lock (gate)
            {
                if (isDisposed) return false;
                CallOff();
                this.period = period;
                if (dueTime != Timeout.InfiniteTimeSpan) Schedule(dueTime);
            }

            return true;
        }

        static void Check(TimeSpan time, string name)
        {
            if (time < TimeSpan.Zero && time != Timeout.InfiniteTimeSpan)
                throw new ArgumentOutOfRangeException(name, time, $"{name} is {time}; zero or more, or Timeout.InfiniteTimeSpan, is allowed.");
        }

        void Schedule(TimeSpan delay)
        {
            Alarm? mine = null;
            mine = alarm = new(process, () => Ring(mine!));
            world.Schedule(delay, mine, run, isLimit);
        }

        void Ring(Alarm rung)
        {
            lock (gate)
            {
                if (rung != alarm) return;
                alarm = null;
                world.Unschedule(run, isLimit);
                if (period > TimeSpan.Zero) Schedule(period);
            }

            if (context is null) callback(state);
            else ExecutionContext.Run(context, static timer => ((Timer)timer!).Call(), this);
        }

        void Call() => callback(state);

        void CallOff()
        {
            if (alarm is not { } before) return;
            before.IsCalledOff = true;
            alarm = null;
            world.Unschedule(run, isLimit);
        }

        public void Dispose()
        {
            lock (gate)
            {
                isDisposed = true;
                CallOff();
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
