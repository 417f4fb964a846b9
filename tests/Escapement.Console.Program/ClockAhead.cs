namespace Escapement.Console.Program;

/// <summary>A clock ahead of the machine's clock.</summary>
sealed class ClockAhead(TimeSpan ahead) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
}
