namespace Escapement.Simulation;

/// <summary>
/// The clocks of a node: the monotonic clock of the world, and a wall clock of its own.
/// A timer callback is a step of the node.
/// </summary>
sealed class NodeClock(World world, SimulatedNode node) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => world.Now.Ticks;

    public override DateTimeOffset GetUtcNow() => World.Start + world.Now + node.WallClockOff;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (period != Timeout.InfiniteTimeSpan)
        {
            throw new NotSupportedException("A timer that rings again and again has no place in the engine.");
        }

        var timer = new NodeTimer(world, node, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>
    /// The duration of a reading of the clock. Waits are cut to whole milliseconds,
    /// so a node that waits for less than a millisecond reads the clock repeatedly.
    /// </summary>
    static readonly TimeSpan Least = TimeSpan.FromMilliseconds(0.1);

    sealed class NodeTimer(World world, SimulatedNode node, Action ring) : ITimer
    {
        Alarm? alarm;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Dispose();
            if (dueTime != Timeout.InfiniteTimeSpan) alarm = world.In(dueTime < Least ? Least : dueTime, Due);
            return true;
        }

        void Due()
        {
            var rung = alarm!;
            node.Post(() =>
            {
                if (!rung.CalledOff) ring();
            });
        }

        public void Dispose()
        {
            if (alarm is not null) alarm.CalledOff = true;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
