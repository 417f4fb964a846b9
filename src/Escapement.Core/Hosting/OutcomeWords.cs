using System.Globalization;
using System.Text.Json;
using Escapement.Ledger;

namespace Escapement.Hosting;

/// <summary>The words of the REST API and of the tool for outcomes, run states and reasons.</summary>
/// <remarks>The store may contain unknown numbers, written by a newer version or by damage. Such a run must not fail
/// the whole list.</remarks>
public static class OutcomeWords
{
    /// <summary>Returns the word for an outcome, such as <c>timed_out</c>.</summary>
    public static string Of(Outcome outcome) => outcome switch
    {
        Outcome.Succeeded => "succeeded",
        Outcome.Failed => "failed",
        Outcome.TimedOut => "timed_out",
        Outcome.Cancelled => "cancelled",
        Outcome.Interrupted => "interrupted",
        Outcome.Missed => "missed",
        _ => Unknown((int)outcome),
    };

    /// <summary>Returns the word for the state of a run, such as <c>running</c>.</summary>
    public static string Of(RunState state) => state switch
    {
        RunState.Waiting => "waiting",
        RunState.Running => "running",
        RunState.Ended => "ended",
        _ => Unknown((int)state),
    };

    /// <summary>Returns the word for the cause of a run, such as <c>backfill</c>.</summary>
    public static string Of(RunCause cause) => cause switch
    {
        RunCause.FireTime => "fire_time",
        RunCause.Enqueued => "enqueued",
        RunCause.Backfill => "backfill",
        _ => Unknown((int)cause),
    };

    /// <summary>Returns the name of a reason, such as <c>NoActiveNode</c>.</summary>
    public static string Of(Reason reason) => Enum.IsDefined(reason) ? reason.ToString() : Unknown((int)reason);

    /// <summary>Returns the word for the fate of a fire time that did not run: <c>skipped</c> or <c>missed</c>.</summary>
    public static string Of(ItemKind kind) => kind == ItemKind.Skipped ? "skipped" : "missed";

    /// <summary>Returns the word for the end of an activation, such as <c>process_gone</c>.</summary>
    public static string Of(EpochEnd end) => end switch
    {
        EpochEnd.SteppedDown => "stepped_down",
        EpochEnd.ProcessGone => "process_gone",
        EpochEnd.LeaseOver => "lease_over",
        EpochEnd.ShutDown => "shut_down",
        EpochEnd.StoreReplaced => "store_replaced",
        _ => Unknown((int)end),
    };

    /// <summary>Returns the word for the end of a job, such as <c>exhausted</c>.</summary>
    public static string Of(JobEnd end) =>
        Enum.IsDefined(end) ? JsonNamingPolicy.SnakeCaseLower.ConvertName(end.ToString()) : Unknown((int)end);

    /// <summary>Returns the word for the scope of a pause: <c>all</c>, <c>job</c>, <c>tag</c> or <c>executor</c>.</summary>
    public static string Of(PauseScope scope) =>
        Enum.IsDefined(scope) ? JsonNamingPolicy.SnakeCaseLower.ConvertName(scope.ToString()) : Unknown((int)scope);

    /// <summary>Returns the word for the kind of a change, such as <c>skipped_next</c>.</summary>
    public static string Of(ActionKind kind) =>
        Enum.IsDefined(kind) ? JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString()) : Unknown((int)kind);

    /// <summary>Returns a sentence about the unknown numbers of a run, or null if all numbers are known.</summary>
    internal static string? Remark(RunInfo run)
    {
        List<string> unknown = [];
        if (run.Outcome is { } outcome && !Enum.IsDefined(outcome)) unknown.Add($"outcome {(int)outcome}");
        if (run.Reason is { } reason && !Enum.IsDefined(reason)) unknown.Add($"reason {(int)reason}");
        return unknown is []
            ? null
            : $"The store has {string.Join(" and ", unknown)} for this run, unknown to this version. A newer version of Escapement wrote the run, or its row is damaged.";
    }

    static string Unknown(int number) => string.Create(CultureInfo.InvariantCulture, $"unknown_{number}");
}
