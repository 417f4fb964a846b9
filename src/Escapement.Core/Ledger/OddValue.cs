using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>A stored value that no process writes, for example after a manual edit. The other layers of a
/// <see cref="LedgerPart"/> do not contain the value. An audit names the value.</summary>
public sealed record OddValue
{
    /// <summary>The job of the row, or null for a row of the whole scheduler.</summary>
    public JobId? Job { get; init; }

    /// <summary>The instant under which an audit lists the value: an instant of the row, or the time of the
    /// snapshot.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The table, the column, the value and the row, such as <c>epoch.pid = -5 (number 1)</c>.</summary>
    public required string Value { get; init; }

    /// <summary>The allowed values, such as <c>0 – 2147483647</c>.</summary>
    public required string Allowed { get; init; }
}
