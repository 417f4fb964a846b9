namespace Escapement.Simulation;

/// <summary>The time and the work of a year. A single thread does all work in the order of its arrival, and time advances to
/// the next event when no work is left.</summary>
sealed class YearTime
{
    readonly Queue<(YearScheduler Scheduler, Task Task)> ready = new();
    readonly PriorityQueue<YearTimer, (long At, long Number)> agenda = new();
    long numbers;

    /// <summary>The monotonic clock, in ticks.</summary>
    public long Now { get; private set; }

    /// <summary>The error of the wall clock.</summary>
    public TimeSpan WallClockOff { get; set; }

    public DateTimeOffset UtcNow => YearPlan.Start.AddTicks(Now) + WallClockOff;

    public void Post(YearScheduler scheduler, Task task) => ready.Enqueue((scheduler, task));

    public void Add(YearTimer timer, TimeSpan delay) => agenda.Enqueue(timer, (Now + delay.Ticks, numbers++));

    /// <summary>Does the work up to an instant.</summary>
    /// <param name="until">The instant on the monotonic clock.</param>
    /// <param name="holds">Ends the work earlier, or null.</param>
    public void RunUntil(TimeSpan until, Func<bool>? holds = null)
    {
        while (true)
        {
            while (ready.TryDequeue(out var next)) next.Scheduler.Run(next.Task);
            if (holds?.Invoke() == true) return;
            if (!agenda.TryPeek(out var timer, out var due) || due.At > until.Ticks)
            {
                Now = Math.Max(Now, until.Ticks);
                return;
            }

            agenda.Dequeue();
            Now = Math.Max(Now, due.At);
            timer.Ring();
        }
    }
}

/// <summary>A timer of a process.</summary>
sealed class YearTimer(Action ring)
{
    public bool IsCalledOff { get; set; }

    public void Ring()
    {
        if (!IsCalledOff) ring();
    }
}

/// <summary>Hands the work of a process to the year, until the process is gone.</summary>
sealed class YearScheduler(YearTime time) : TaskScheduler
{
    public bool IsGone { get; set; }

    public void Run(Task task)
    {
        if (!IsGone) TryExecuteTask(task);
    }

    protected override void QueueTask(Task task)
    {
        if (!IsGone) time.Post(this, task);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}

/// <summary>The clock of a process.</summary>
sealed class YearClock(YearTime time, YearScheduler scheduler) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => time.Now;

    public override DateTimeOffset GetUtcNow() => time.UtcNow;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(time, () =>
        {
            if (!scheduler.IsGone) callback(state);
        });
        timer.Change(dueTime, period);
        return timer;
    }

    sealed class Timer(YearTime time, Action ring) : ITimer
    {
        YearTimer? alarm;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (period != Timeout.InfiniteTimeSpan) throw new NotSupportedException("The engine uses no periodic timers.");
            Dispose();
            if (dueTime != Timeout.InfiniteTimeSpan) time.Add(alarm = new(ring), dueTime);
            return true;
        }

        public void Dispose()
        {
            if (alarm is not null) alarm.IsCalledOff = true;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
