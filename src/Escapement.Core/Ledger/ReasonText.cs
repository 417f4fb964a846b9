namespace Escapement.Ledger;

/// <summary>A reason's sentence, made at this one place: log, API and tool show it word for word.</summary>
public static class ReasonText
{
    /// <summary>The sentence for a reason that needs no further values.</summary>
    public static string Of(Reason reason) => reason.ToString();
}
