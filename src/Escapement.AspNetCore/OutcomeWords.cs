using System.Globalization;
using Escapement.Ledger;

namespace Escapement.AspNetCore;

/// <summary>The words of the API for how a run ended, for its state, and for reasons.</summary>
/// <remarks>The store may hold a number without a word: a newer version wrote the row, or the row is damaged. One such run must not fail the whole list.</remarks>
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

    /// <summary>Returns a sentence about the numbers of a run that this version has no words for, or null if all have one.</summary>
    public static string? Remark(RunInfo run)
    {
        List<string> unknown = [];
        if (run.Outcome is { } outcome && !Enum.IsDefined(outcome)) unknown.Add($"outcome {(int)outcome}");
        if (run.Reason is { } reason && !Enum.IsDefined(reason)) unknown.Add($"reason {(int)reason}");
        return unknown is []
            ? null
            : $"The store has {string.Join(" and ", unknown)} for this run, which this version does not know. A newer version of Escapement wrote the run, or its row is damaged.";
    }

    static string Unknown(int number) => string.Create(CultureInfo.InvariantCulture, $"unknown_{number}");
}
