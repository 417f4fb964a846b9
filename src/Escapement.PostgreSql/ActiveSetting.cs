using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.PostgreSql;

/// <summary>Keeps processes with different values of <c>SINGLE_ACTIVE</c> from being active together. A process that trusts to be
/// alone would otherwise run beside a process that takes its share.</summary>
/// <remarks>The epoch of a single active process has a lease, and an epoch beside other epochs has none. An epoch that stays silent
/// for a lease is ended, as counted by the clock of this process. A late look begins the count anew, because the server or this process
/// may have been away.</remarks>
/// <param name="place">The database, for people.</param>
/// <param name="isSingle">The setting of this process.</param>
/// <param name="lease">The lease.</param>
/// <param name="clock">The clock of the count.</param>
sealed class ActiveSetting(string place, bool isSingle, TimeSpan lease, TimeProvider clock)
{
    readonly Lock gate = new();
    Dictionary<EpochSeen, (long Since, long LookedAt)> others = [];

    /// <summary>Takes the epochs of a look, each of which may go on with its count.</summary>
    public void See(Look look)
    {
        var now = clock.GetTimestamp();
        lock (gate)
        {
            others = look.Living.Where(row => IsOther(row, isSingle)).Select(EpochSeen.Of).ToDictionary(row => row, row =>
                (others.TryGetValue(row, out var count) && clock.GetElapsedTime(count.LookedAt, now) <= lease / 2 ? count.Since : now, now));
        }
    }

    /// <summary>Refuses the entry of this process while a process with the other setting is active.</summary>
    /// <exception cref="StoreUnavailableException">Such a process has shown a sign of life within a lease.</exception>
    public void CheckEntry(Look look)
    {
        if (look.Living.FirstOrDefault(row => IsOther(row, isSingle) && !IsSilent(row)) is { } other) throw Refusal(other, isSingle);
    }

    /// <summary>Returns the change that begins an epoch, and that also ends the silent epochs of the other setting.</summary>
    /// <param name="change">The change.</param>
    /// <param name="rows">The locked rows of the living epochs.</param>
    /// <exception cref="StoreUnavailableException">A process with the other setting has shown a sign of life within a lease.</exception>
    public EpochChange Admit(EpochChange change, IEnumerable<Epoch> rows)
    {
        var single = change.Lease is not null;
        List<Epoch> found =
            [.. rows.Where(row => row.Ended is null && IsOther(row, single) && !change.Ends.Any(end => end.Seen.Number == row.Number))];
        if (found.Find(row => !IsSilent(row)) is { } other) throw Refusal(other, single);
        return found is [] ? change : change with
        {
            Ends = [.. change.Ends, .. found.Select(row => (EpochSeen.Of(row), EpochEnd.LeaseOver))],
            Lost = [.. change.Lost, .. found.Select(row => row.Node.Id)],
        };
    }

    static bool IsOther(Epoch row, bool single) => row.Lease is null == single;

    bool IsSilent(Epoch row)
    {
        lock (gate)
        {
            return others.TryGetValue(EpochSeen.Of(row), out var count) && clock.GetElapsedTime(count.LookedAt) <= lease / 2
                && clock.GetElapsedTime(count.Since) >= lease;
        }
    }

    StoreUnavailableException Refusal(Epoch other, bool single) => new(
        $"Process {other.Node.Pid} on {other.Node.Host} is active in the store {place} with SINGLE_ACTIVE={Text(!single)}, and this process has SINGLE_ACTIVE={Text(single)}. All processes of a store need the same setting. Change the setting, or end the processes with the other setting.");

    static string Text(bool single) => single ? "true" : "false";
}
