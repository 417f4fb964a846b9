using Escapement.Leadership;
using Escapement.Ledger;

namespace Escapement.Hosting;

/// <summary>Steers the engine of a program from outside. A test registers a control as a service of the program, so that the
/// test orders the work of the engine and knows when the engine has nothing to do.</summary>
/// <remarks>Without a control, the engine works on the thread pool, and its locks are files or belong to the
/// store.</remarks>
public abstract class EngineControl
{
    /// <summary>The identity of the node, unique among all nodes of the store.</summary>
    public abstract NodeName Name { get; }

    /// <summary>The task scheduler of all work of the engine and of its handlers.</summary>
    public abstract TaskScheduler Scheduler { get; }

    /// <summary>The locks of the node, shared by all nodes of the store.</summary>
    public abstract LocalLocks Locks { get; }

    /// <summary>True if the node plays the part of a process that was killed. The engine is then not stopped in
    /// order.</summary>
    public abstract bool IsGone { get; }

    /// <summary>Runs the start or the stop of the engine on the scheduler.</summary>
    /// <param name="work">The start or the stop.</param>
    /// <returns>A task that ends with the work.</returns>
    public abstract Task RunAsync(Func<Task> work);

    /// <summary>Calls a handler. Called once for each attempt of a run, in the attempt's own scope of services.</summary>
    /// <param name="run">The run.</param>
    /// <param name="handler">Binds the arguments and calls the handler. An exception is the outcome of the run.</param>
    public abstract ValueTask CallAsync(JobContext run, Func<ValueTask> handler);
}
