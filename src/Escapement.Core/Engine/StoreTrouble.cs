using Microsoft.Extensions.Logging;

namespace Escapement.Engine;

/// <summary>What keeps the active node from writing: logged once when it begins and once when it is over, and shown all the while.</summary>
/// <param name="log">The story.</param>
/// <param name="shows">Shows it as the node's state; null when it is over.</param>
sealed class StoreTrouble(ILogger log, Action<string?> shows)
{
    readonly Lock gate = new();
    bool met;

    /// <summary>A beat or a claim could not be written.</summary>
    public void Met(string message)
    {
        lock (gate)
        {
            if (!met) Log.ClaimsStopped(log, message);
            met = true;
            shows(message);
        }
    }

    /// <summary>Something was written. A claim that found nothing due wrote nothing, and proves nothing.</summary>
    public void Over()
    {
        lock (gate)
        {
            if (!met) return;
            met = false;
            shows(null);
            Log.ClaimsGoOn(log);
        }
    }
}
