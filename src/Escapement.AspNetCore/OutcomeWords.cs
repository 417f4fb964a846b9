using System.Diagnostics;
using Escapement.Ledger;

namespace Escapement.AspNetCore;

/// <summary>The words of the API for how a run ended, and for where it is.</summary>
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
        _ => throw new UnreachableException(),
    };

    public static string Of(RunState state) => state switch
    {
        RunState.Waiting => "waiting",
        RunState.Running => "running",
        RunState.Ended => "ended",
        _ => throw new UnreachableException(),
    };
}
