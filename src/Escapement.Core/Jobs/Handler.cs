namespace Escapement.Jobs;

/// <summary>Registered code, with its binding folded into one delegate.</summary>
/// <param name="Name">The name under which it is registered.</param>
/// <param name="Run">Binds and calls it. The services are null when it asks for none.</param>
/// <param name="NeedsServices">Whether a scope is made for each run.</param>
/// <param name="Blocks">Whether it returns no task, and so is taken to block its thread.</param>
/// <param name="Check">Throws <see cref="ArgumentMismatchException"/> for arguments that do not fit its signature.</param>
public sealed record Handler(
    string Name, Func<JobContext, IServiceProvider?, CancellationToken, ValueTask> Run, bool NeedsServices, bool Blocks,
        Action<JobArguments> Check);

/// <summary>Arguments do not fit a handler's signature; the message names those that are missing or unknown.</summary>
public sealed class ArgumentMismatchException(string message) : Exception(message);

/// <summary>No handler of this name is registered; the message names the nearest one.</summary>
public sealed class HandlerNotFoundException(string message) : Exception(message);
