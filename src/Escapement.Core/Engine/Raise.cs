using Escapement.Ledger;
using Microsoft.Extensions.Logging;

namespace Escapement.Engine;

/// <summary>An accepted raise of the epoch.</summary>
/// <param name="Epoch">The epoch that begins.</param>
/// <param name="Before">The previous epoch, as it ended.</param>
/// <param name="Settled">The number of settled runs of lost nodes.</param>
/// <param name="Declared">The hash of the declarations with which the jobs were last brought in line.</param>
/// <param name="Begun">The timestamp at which the raise began. The lease counts from this timestamp.</param>
/// <param name="Lost">The watch over other nodes, with the life locks that the watch has taken.</param>
/// <param name="Gone">The nodes whose processes are gone. Their files are removed after the first claim.</param>
sealed record Raise(
    Epoch Epoch, Epoch? Before, int Settled, string? Declared, long Begun, LostNodes Lost, IReadOnlyList<string> Gone)
{
    /// <summary>Logs the active node and its predecessor.</summary>
    public void Tell(ILogger log)
    {
        if (Before is { Ended: { } ended, How: EpochEnd.ProcessGone or EpochEnd.LeaseOver } before)
        {
            var how = before.How == EpochEnd.ProcessGone ? "its process is gone" : "its lease is over";
            Log.TakenOver(log, Epoch.Number, DurationWords.Of(Epoch.Begun - ended), before.Node.Pid, before.Node.Host, how, Settled);
        }
        else
        {
            Log.Active(log, Epoch.Number);
        }
    }
}
