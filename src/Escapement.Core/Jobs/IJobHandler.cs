namespace Escapement;

/// <summary>A handler as a class: made anew for each run, with its services in its constructor. Register it with <c>scheduler.Handler&lt;T&gt;("name")</c>.</summary>
public interface IJobHandler
{
    /// <summary>Does the work of one run.</summary>
    /// <param name="context">The run.</param>
    /// <param name="cancellationToken">Signalled when the run shall end: the process stops, or was overtaken by another.</param>
    Task RunAsync(JobContext context, CancellationToken cancellationToken);
}

/// <summary>A handler as a class whose arguments, the values by name, are the members of a type.</summary>
/// <typeparam name="TArgs">Read by System.Text.Json; its members without a default must be given.</typeparam>
public interface IJobHandler<TArgs> : IJobHandler
{
    /// <summary>Does the work of one run.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="context">The run.</param>
    /// <param name="cancellationToken">Signalled when the run shall end: the process stops, or was overtaken by another.</param>
    Task RunAsync(TArgs args, JobContext context, CancellationToken cancellationToken);

    /// <summary>Passes the arguments on that the binder has read.</summary>
    Task IJobHandler.RunAsync(JobContext context, CancellationToken cancellationToken) =>
        RunAsync((TArgs)context.Bound!, context, cancellationToken);
}
