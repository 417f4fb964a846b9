using Escapement.Ledger;

namespace Escapement.Testing;

/// <summary>Expectations about an audit.</summary>
public static class AuditExpectations
{
    /// <summary>Expects that each due fire time is accounted for: it ran, is running, was skipped or was missed.</summary>
    /// <param name="audit">The audit.</param>
    /// <returns>The audit.</returns>
    /// <exception cref="SchedulerTestException">The audit does not balance. The message names the fire times.</exception>
    public static AuditReport Balances(this AuditReport audit)
    {
        ArgumentNullException.ThrowIfNull(audit);
        if (audit.Account.Balanced) return audit;
        throw new SchedulerTestException(
            $"The audit does not balance: {audit.Account.Sentence}\n{Expectation.Lines([.. audit.Imbalances.Select(fault => $"  {fault.Sentence}")])}");
    }
}
