namespace Escapement;

/// <summary>A handler as a class, instantiated for each run with constructor injection. Register the class with
/// <c>scheduler.Handler&lt;T&gt;("name")</c>.</summary>
public interface IJobHandler
{
    /// <summary>Executes a run.</summary>
    /// <param name="context">The run.</param>
    /// <param name="cancellationToken">Cancelled if the run must end: the process is stopping, or was fenced.</param>
    Task RunAsync(JobContext context, CancellationToken cancellationToken);
}

/// <summary>A handler as a class with keyword arguments as the members of a type.</summary>
/// <typeparam name="TArgs">The type, read by System.Text.Json. Members without a default are required
/// arguments.</typeparam>
public interface IJobHandler<TArgs> : IJobHandler
{
    /// <summary>Executes a run.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="context">The run.</param>
    /// <param name="cancellationToken">Cancelled if the run must end: the process is stopping, or was fenced.</param>
    Task RunAsync(TArgs args, JobContext context, CancellationToken cancellationToken);

    /// <summary>Passes on the arguments read by the binder.</summary>
    Task IJobHandler.RunAsync(JobContext context, CancellationToken cancellationToken) =>
        RunAsync((TArgs)context.Bound!, context, cancellationToken);
}
