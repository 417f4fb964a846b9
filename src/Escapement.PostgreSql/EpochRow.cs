using Escapement.Ledger;
using Escapement.Rows;

namespace Escapement.PostgreSql;

/// <summary>A row of an epoch.</summary>
sealed class EpochRow
{
    public required long Number { get; init; }

    public required string Node { get; init; }

    public required long Pid { get; init; }

    public required string Host { get; init; }

    public required long StartedAt { get; init; }

    public string? LifeLock { get; init; }

    public required long Begun { get; init; }

    public required bool WithLock { get; init; }

    public long? Lease { get; init; }

    public required long Beat { get; init; }

    public required long LastSign { get; init; }

    public long? Ended { get; init; }

    public long? How { get; init; }

    public string? EndedBy { get; init; }

    public long? DrainUntil { get; init; }

    public required long Probes { get; init; }

    public required long Claims { get; init; }

    public required long State { get; init; }

    public bool Drains { get; init; }

    /// <summary>The largest lease in microseconds, ten years. A larger value was written by hand.</summary>
    const long MaxLease = 10 * 366 * 24 * 3_600 * 1_000_000L;

    public Epoch ToEpoch() => new()
    {
        Number = Number,
        Node = Name(Node, Pid, Host, StartedAt, LifeLock),
        Begun = Instant.FromMicros(Begun),
        WithLock = WithLock,
        Lease = Lease is { } lease and >= 0 and <= MaxLease ? TimeSpan.FromMicroseconds(lease) : null,
        Heartbeat = Beat,
        LastSign = Instant.FromMicros(LastSign),
        Ended = At(Ended),
        How = (EpochEnd?)How,
        EndedBy = EndedBy,
        DrainUntil = At(DrainUntil),
        Probes = Probes,
        Claims = EpochChecks.Claims(Claims),
        StateNumber = State,
    };

    public static NodeName Name(string id, long pid, string host, long startedAt, string? lifeLock) =>
        new(id, RowReading.Clamped(pid), host, Instant.FromMicros(startedAt), lifeLock);

    static DateTimeOffset? At(long? micros) => micros is { } at ? Instant.FromMicros(at) : null;
}
