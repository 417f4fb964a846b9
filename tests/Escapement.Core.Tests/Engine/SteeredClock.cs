using Microsoft.Extensions.Time.Testing;

namespace Escapement.Core.Tests.Engine;

/// <summary>
/// A clock with an adjustable wall time, independent of the monotonic time, and with observable readings.
/// </summary>
sealed class SteeredClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    /// <summary>Gets or sets the error of the wall clock.</summary>
    public TimeSpan Off { get; set; }

    /// <summary>Gets or sets the callback before each reading of the wall clock.</summary>
    public Action Read { get; set; } = () => { };

    public override long GetTimestamp() => base.GetUtcNow().Ticks;

    public override DateTimeOffset GetUtcNow()
    {
        Read?.Invoke();
        return base.GetUtcNow() + Off;
    }
}
