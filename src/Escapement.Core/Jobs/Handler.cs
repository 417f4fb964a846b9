namespace Escapement.Jobs;

/// <summary>A registered handler with its compiled binding.</summary>
/// <param name="Name">The registered name.</param>
/// <param name="Run">Binds the arguments and calls the handler. The services are null if
/// <paramref name="NeedsServices"/> is false.</param>
/// <param name="NeedsServices">True if each run needs a service scope.</param>
/// <param name="Blocks">True if the handler returns no task, and so is assumed to block its thread.</param>
/// <param name="Check">Throws <see cref="ArgumentMismatchException"/> for arguments that do not match the
/// signature.</param>
sealed record Handler(
    string Name, Func<JobContext, IServiceProvider?, CancellationToken, ValueTask> Run, bool NeedsServices, bool Blocks,
        Action<JobArguments> Check);

/// <summary>Thrown if arguments do not match a handler's signature. The message names missing and unknown
/// arguments.</summary>
public sealed class ArgumentMismatchException(string message) : Exception(message);

/// <summary>Thrown if no handler has the name. The message names the most similar handler.</summary>
public sealed class HandlerNotFoundException(string message) : Exception(message);
