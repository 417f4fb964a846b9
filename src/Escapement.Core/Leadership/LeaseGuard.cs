namespace Escapement.Leadership;

/// <summary>The trust of the active node in itself, counted from the beginning of its last accepted heartbeat: its
/// lease, or less if its life lock can become free during its life.</summary>
/// <remarks>Without trust, no handler is started before the next accepted heartbeat. A read of the epoch is not enough,
/// because a standby may take over right after.</remarks>
/// <param name="clock">The clock of the node.</param>
/// <param name="trust">How long a heartbeat counts.</param>
/// <param name="begun">The timestamp of the beginning of the takeover.</param>
sealed class LeaseGuard(TimeProvider clock, TimeSpan trust, long begun)
{
    long accepted = begun;

    /// <summary>True while the trust holds.</summary>
    public bool Holds => clock.GetElapsedTime(Volatile.Read(ref accepted)) < trust;

    /// <summary>Records an accepted heartbeat by its beginning.</summary>
    public void Accepted(long beat) => Volatile.Write(ref accepted, Math.Max(beat, Volatile.Read(ref accepted)));
}
