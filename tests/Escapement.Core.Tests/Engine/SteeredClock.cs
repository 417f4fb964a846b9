using Microsoft.Extensions.Time.Testing;

namespace Escapement.Core.Tests.Engine;

/// <summary>A clock whose wall time can be set without a change of the monotonic time, and whose reading can be observed.</summary>
sealed class SteeredClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    /// <summary>By how much the wall clock is wrong.</summary>
    public TimeSpan Off { get; set; }

    /// <summary>Called before the wall clock is read.</summary>
    public Action Read { get; set; } = () => { };

    public override long GetTimestamp() => base.GetUtcNow().Ticks;

    public override DateTimeOffset GetUtcNow()
    {
        Read?.Invoke();
        return base.GetUtcNow() + Off;
    }
}
