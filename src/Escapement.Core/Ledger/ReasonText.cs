using System.Globalization;
using System.Resources;

namespace Escapement.Ledger;

/// <summary>A reason's sentence, made at this one place from the resource file: log, API and tool show it word for word.</summary>
public static class ReasonText
{
    static readonly ResourceManager Texts = new("Escapement.Ledger.ReasonText", typeof(ReasonText).Assembly);

    /// <summary>The sentence for a reason.</summary>
    /// <param name="reason">Which.</param>
    /// <param name="detail">The value that decided it, where the sentence names one.</param>
    public static string Of(Reason reason, string detail = "a setting") => Say(reason.ToString(), detail);

    /// <summary>Whether the resource file has a sentence for this name.</summary>
    internal static bool Has(string name) => Texts.GetString(name, CultureInfo.InvariantCulture) is not null;

    /// <summary>The sentence of an active node.</summary>
    public static string Active(long epoch, DateTimeOffset since) => Say("Active", epoch, Time(since));

    /// <summary>The sentence of a node that waits for a holder: who, since when, and what to do.</summary>
    public static string Standby(int pid, string host, DateTimeOffset since, string store) =>
        Say("Standby.Holder", pid, host, Time(since), store);

    /// <summary>The same where the active process took over when a lease was over, and has not had the lock.</summary>
    public static string StandbyBehindLease(int pid, string host, DateTimeOffset since, string store) =>
        Say("Standby.Lease", pid, host, Time(since), store);

    /// <summary>The sentence of a node whose store's file is another one now.</summary>
    public static string StoreReplaced(string store) => Say("Fenced.StoreReplaced", store);

    /// <summary>The sentence of a node beside one that keeps its jobs in memory.</summary>
    public static string MemoryStandby(int pid, string host, DateTimeOffset since) => Say("MemoryStandby", pid, host, Time(since));

    /// <summary>The sentence of a node that is stopping.</summary>
    public static string Draining(DateTimeOffset until) => Say("Draining.Until", Time(until));

    /// <summary>The warning of a process in a place that a store on one machine does not reach beyond.</summary>
    /// <param name="where">What was seen, as the sentence's beginning.</param>
    /// <param name="store">The store; null for one in memory.</param>
    public static string Scope(string where, string? store) => store is null ? Say("Scope.Memory", where) : Say("Scope", where, store);

    /// <summary>No process is active.</summary>
    public static string NoActive() => Say("NoActive");

    /// <summary>The process has not yet come to a state.</summary>
    public static string Starting() => Say("Starting");

    /// <summary>Why an active process has not begun a run that was asked for.</summary>
    public static string NoPlace(TimeSpan waited) => Say("NoPlace", (long)waited.TotalSeconds);

    /// <summary>A run that was asked for has not begun.</summary>
    public static string RunNotBegun(string why) => Say("RunNotBegun", why);

    static string Say(string name, params object[] values)
    {
        var text = Texts.GetString(name, CultureInfo.InvariantCulture)
            ?? throw new MissingManifestResourceException($"There is no sentence for {name}.");
        return string.Format(CultureInfo.InvariantCulture, text, values);
    }

    static string Time(DateTimeOffset instant) =>
        instant.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
