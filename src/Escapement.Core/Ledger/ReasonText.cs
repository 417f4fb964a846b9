using System.Globalization;
using System.Resources;
using Escapement.Triggers;

namespace Escapement.Ledger;

/// <summary>Formats the sentence of a reason from the resource file. Log, API and tool show the same
/// sentence.</summary>
public static class ReasonText
{
    // The values of requested reasons end here.
    const int LastRequested = 100;

    static readonly ResourceManager Texts = new("Escapement.Ledger.ReasonText", typeof(ReasonText).Assembly);
    static readonly ResourceManager Chinese = new("Escapement.Ledger.ReasonTextChinese", typeof(ReasonText).Assembly);

    /// <summary>Returns the sentence for a reason.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="detail">The decisive value, for sentences with a placeholder.</param>
    public static string Of(Reason reason, string detail = "a setting") => Say(reason.ToString(), detail);

    /// <summary>Returns a sentence by its name in a language, with placeholders, or null if there is no such sentence.</summary>
    internal static string? Find(Language language, string name) =>
        (language == Language.Chinese ? Chinese : Texts).GetString(name, CultureInfo.InvariantCulture);

    /// <summary>Returns whether fire times with a reason were skipped on request, or missed.</summary>
    public static ItemKind KindOf(Reason reason) => (int)reason <= LastRequested ? ItemKind.Skipped : ItemKind.Missed;

    /// <summary>Returns the meaning of a reason in a sentence.</summary>
    public static string Meaning(Reason reason, Language language = Language.English) =>
        LedgerText.Find(language, $"Meaning.{reason}") ?? LedgerText.Say(language, "Reason.Unknown");

    /// <summary>Returns why a reason happens, in one or two sentences.</summary>
    public static string Origin(Reason reason, Language language = Language.English) =>
        LedgerText.Find(language, $"Origin.{reason}") ?? "";

    /// <summary>Returns what to do about a reason, or an empty text if nothing needs to be done.</summary>
    public static string Advice(Reason reason, Language language = Language.English) =>
        LedgerText.Find(language, $"Advice.{reason}") ?? "";

    /// <summary>Returns the meaning of a reason as a part of a sentence.</summary>
    internal static string Clause(Reason reason, Language language)
    {
        var meaning = Meaning(reason, language).TrimEnd('.', '。');
        return char.ToLowerInvariant(meaning[0]) + meaning[1..];
    }

    /// <summary>Returns the reason of fire times that an action passed over.</summary>
    internal static Reason ReasonOf(ActionKind kind) => kind switch
    {
        ActionKind.Paused or ActionKind.Resumed => Reason.Paused,
        ActionKind.Removed or ActionKind.Retired => Reason.Removed,
        ActionKind.SwitchedOff => Reason.SwitchedOff,
        ActionKind.SkippedNext => Reason.SkippedByHand,
        ActionKind.ClockWentBack => Reason.ClockJump,
        _ => Reason.Changed,
    };

    /// <summary>Returns the reason of fire times that the pause of a job passed over.</summary>
    internal static Reason ReasonOf(PauseRecord pause) => pause.AfterFailures is null ? Reason.Paused : Reason.CircuitOpen;

    /// <summary>Returns true if the resource file has a sentence with this name.</summary>
    internal static bool Has(string name) => Texts.GetString(name, CultureInfo.InvariantCulture) is not null;

    /// <summary>Returns the sentence of an active node.</summary>
    internal static string Active(long epoch, DateTimeOffset since) => Say("Active", epoch, Time(since));

    /// <summary>Returns the sentence of a standby node: the holder of the lock, since when, and the remedy.</summary>
    internal static string Standby(int pid, string host, DateTimeOffset since, string store) =>
        Say(IsThisProcess(pid, host) ? "Standby.SameProcess" : "Standby.Holder", pid, host, Time(since), store);

    /// <summary>Returns the sentence of a standby node whose active process took over after a lease and does not hold
    /// the lock.</summary>
    internal static string StandbyBehindLease(int pid, string host, DateTimeOffset since, string store) =>
        Say(IsThisProcess(pid, host) ? "Standby.SameProcess" : "Standby.Lease", pid, host, Time(since), store);

    /// <summary>Returns the sentence of a node whose store file was replaced.</summary>
    internal static string StoreReplaced(string store) => Say("Fenced.StoreReplaced", store);

    /// <summary>Returns the sentence of a standby node whose active process keeps its jobs in memory.</summary>
    internal static string MemoryStandby(int pid, string host, DateTimeOffset since) =>
        Say(IsThisProcess(pid, host) ? "MemoryStandby.SameProcess" : "MemoryStandby", pid, host, Time(since));

    // A host must not be told to end its own process.
    static bool IsThisProcess(int pid, string host) => pid == Environment.ProcessId && host == Environment.MachineName;

    /// <summary>Returns the sentence of a stopping node.</summary>
    internal static string Draining(DateTimeOffset until) => Say("Draining.Until", Time(until));

    /// <summary>Returns the warning of a process in an environment with several machines or containers, if the store is
    /// local.</summary>
    /// <param name="where">The detected environment, as the beginning of the sentence.</param>
    /// <param name="store">The store, or null for a store in memory.</param>
    internal static string Scope(string where, string? store) => store is null ? Say("Scope.Memory", where) : Say("Scope", where, store);

    /// <summary>Returns the sentence for the lack of an active process.</summary>
    public static string NoActive() => Say("NoActive");

    /// <summary>Returns the sentence of a process after the stop of its host, with jobs in memory.</summary>
    internal static string Stopped() => Say("Stopped");

    /// <summary>Returns the sentence of a process whose application takes longer than the lease to start.</summary>
    internal static string ApplicationNotStarted() => Say("ApplicationNotStarted");

    /// <summary>Returns the sentence of a process before the start of its host.</summary>
    internal static string NotStarted() => Say("NotStarted");

    /// <summary>Returns that no active process has started an enqueued run, and which process can start the run.</summary>
    /// <param name="waited">The time since the request.</param>
    /// <param name="handler">The handler of the job.</param>
    /// <param name="executor">The executor of the job.</param>
    /// <param name="maxInstances">The maximum number of runs of the job, or null.</param>
    public static string NotTaken(TimeSpan waited, string handler, string executor, int? maxInstances) =>
        Say(maxInstances is null ? "NotTaken" : "NotTaken.Max", (long)waited.TotalSeconds, handler, executor, maxInstances ?? 0);

    /// <summary>Returns the sentence for an enqueued run that has not started.</summary>
    public static string RunNotBegun(string why) => Say("RunNotBegun", why);

    static string Say(string name, params object[] values)
    {
        var text = Texts.GetString(name, CultureInfo.InvariantCulture)
            ?? throw new MissingManifestResourceException($"There is no sentence for {name}.");
        return LedgerText.Format(text, values);
    }

    static string Time(DateTimeOffset instant) =>
        instant.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
