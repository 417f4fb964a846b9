using Escapement.Jobs;

namespace Escapement.Testing;

/// <summary>A call of a handler, as a test saw it.</summary>
public sealed class TestRun
{
    internal TestRun(JobContext run, DateTimeOffset startedAt, string process) =>
        (Job, Run, FireTime, Attempt, Arguments, StartedAt, Process) =
            (run.Job.Value, run.Run, run.FireTime, run.Attempt, run.Arguments, startedAt, process);

    /// <summary>The id of the job.</summary>
    public string Job { get; }

    /// <summary>The id of the run.</summary>
    public RunId Run { get; }

    /// <summary>The fire time, with the offset of the trigger's zone. For a requested run, the instant from which the run was
    /// due, in UTC.</summary>
    public DateTimeOffset FireTime { get; }

    /// <summary>True for an enqueued run, false for a fire time of the trigger.</summary>
    public bool WasEnqueued => Run.Number > 0;

    /// <summary>The number of the attempt, from 1.</summary>
    public int Attempt { get; }

    /// <summary>The arguments as JSON texts.</summary>
    public JobArguments Arguments { get; }

    /// <summary>The instant at which the handler was called.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>The instant at which the handler ended, or null while it goes on.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>The exception of the handler, or null.</summary>
    public Exception? Exception { get; private set; }

    /// <summary>The id of the process that called the handler.</summary>
    public string Process { get; }

    internal void End(DateTimeOffset at, Exception? exception) => (EndedAt, Exception) = (at, exception);
}
