using Escapement.Ledger;

namespace Escapement.Testing;

/// <summary>The runs of a job in a test: what has run, and expectations about it. Each expectation that does not hold throws
/// <see cref="SchedulerTestException"/> with the difference.</summary>
public sealed class JobRuns
{
    readonly string subject;
    readonly Func<string, bool> isAlive;
    readonly Func<IReadOnlyList<LedgerItem>> notRun;

    internal JobRuns(string job, IReadOnlyList<TestRun> all, Func<string, bool> isAlive, Func<IReadOnlyList<LedgerItem>> notRun) =>
        (subject, All, this.isAlive, this.notRun) = ($"Job '{job}'", all, isAlive, notRun);

    /// <summary>The calls of the handler in their order, with retried attempts.</summary>
    public IReadOnlyList<TestRun> All { get; }

    /// <summary>The fire times of the calls in their order.</summary>
    public IReadOnlyList<DateTimeOffset> FireTimes => [.. All.Select(run => run.FireTime)];

    /// <summary>Expects runs with exactly these fire times, in any order of the handlers' calls.</summary>
    /// <param name="times">The instants, with any offset.</param>
    /// <exception cref="SchedulerTestException">A fire time is missing, or ran unexpectedly.</exception>
    public JobRuns AtExactly(params IEnumerable<DateTimeOffset> times)
    {
        ArgumentNullException.ThrowIfNull(times);
        Expectation.SameInstants(subject, times, FireTimes, notRun);
        return this;
    }

    /// <summary>Expects runs with exactly these fire times.</summary>
    /// <param name="times">The instants, such as <c>2041-05-07 09:00</c> in UTC or <c>2041-05-07T09:00+02:00</c>.</param>
    /// <exception cref="SchedulerTestException">A fire time is missing, or ran unexpectedly.</exception>
    /// <exception cref="FormatException">A text is not an instant.</exception>
    public JobRuns AtExactly(params string[] times)
    {
        ArgumentNullException.ThrowIfNull(times);
        return AtExactly(Expectation.Instants(times));
    }

    /// <summary>Expects a number of runs.</summary>
    /// <param name="count">The number, from zero.</param>
    /// <exception cref="SchedulerTestException">The job ran more or less often.</exception>
    public JobRuns Times(int count)
    {
        Expectation.Count(subject, count, FireTimes);
        return this;
    }

    /// <summary>Expects a single run.</summary>
    /// <exception cref="SchedulerTestException">The job ran more or less often.</exception>
    public JobRuns Once() => Times(1);

    /// <summary>Expects no run.</summary>
    /// <exception cref="SchedulerTestException">The job ran.</exception>
    public JobRuns Never() => Times(0);

    /// <summary>Expects a run with exactly these arguments.</summary>
    /// <param name="arguments">An object with the arguments as members, such as <c>new { orderId = 17 }</c>, a dictionary, or
    /// <see cref="JobArguments"/>.</param>
    /// <exception cref="SchedulerTestException">No run has these arguments.</exception>
    public JobRuns With(object arguments)
    {
        Expectation.Arguments(subject, arguments, [.. All.Select(run => run.Arguments)]);
        return this;
    }

    /// <summary>Expects that the job ran, and that each run has ended without an exception.</summary>
    /// <exception cref="SchedulerTestException">The job did not run, or a run failed or goes on.</exception>
    public JobRuns Succeeded()
    {
        if (All.Count == 0) throw new SchedulerTestException($"{subject} did not run, and was expected to succeed.");
        if (All.FirstOrDefault(run => run.Exception is not null) is { } failed)
        {
            throw new SchedulerTestException(
                $"{subject} failed at {Expectation.Text(failed.FireTime)}: {failed.Exception!.GetType().Name}: {failed.Exception.Message}",
                failed.Exception);
        }

        if (All.FirstOrDefault(run => run.EndedAt is null) is { } goesOn)
        {
            var hint = isAlive(goesOn.Process)
                ? "Advance the clock if its handler waits for the clock."
                : $"Its process {goesOn.Process} was killed or stopped.";
            throw new SchedulerTestException($"{subject} has not ended its run of {Expectation.Text(goesOn.FireTime)}. {hint}");
        }

        return this;
    }

    /// <summary>Expects that the last run failed.</summary>
    /// <param name="message">A part of the exception's message, or null for any exception.</param>
    /// <exception cref="SchedulerTestException">The last run did not fail, or with another message.</exception>
    public JobRuns Failed(string? message = null)
    {
        if (All is not [.., var last]) throw new SchedulerTestException($"{subject} did not run, and was expected to fail.");
        if (last.Exception is not { } exception)
        {
            throw new SchedulerTestException(
                $"{subject} was expected to fail, and its run of {Expectation.Text(last.FireTime)} {(last.EndedAt is null ? "goes on" : "succeeded")}.");
        }

        if (message is not null && !exception.Message.Contains(message, StringComparison.Ordinal))
        {
            throw new SchedulerTestException(
                $"{subject} failed with another message:\n  - {message}\n  + {exception.GetType().Name}: {exception.Message}", exception);
        }

        return this;
    }
}
