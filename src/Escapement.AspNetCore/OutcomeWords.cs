using System.Globalization;
using Escapement.Ledger;

namespace Escapement.AspNetCore;

/// <summary>The API's words for outcomes, run states and reasons.</summary>
/// <remarks>The store may contain unknown numbers, written by a newer version or by damage. Such a run must not fail
/// the whole list.</remarks>
static class OutcomeWords
{
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

    public static string Of(RunState state) => state switch
    {
        RunState.Waiting => "waiting",
        RunState.Running => "running",
        RunState.Ended => "ended",
        _ => Unknown((int)state),
    };

    public static string Of(Reason reason) => Enum.IsDefined(reason) ? reason.ToString() : Unknown((int)reason);

    /// <summary>Returns a sentence about the unknown numbers of a run, or null if all numbers are known.</summary>
    public static string? Remark(RunInfo run)
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
