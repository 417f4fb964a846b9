namespace Escapement.Testing;

/// <summary>Thrown if an expectation of a test does not hold, or if the clock of a test cannot go on. The message shows the
/// difference, or names the job that holds up the clock.</summary>
public sealed class SchedulerTestException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The message for the author of the test.</param>
    /// <param name="inner">The cause, or null.</param>
    public SchedulerTestException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
