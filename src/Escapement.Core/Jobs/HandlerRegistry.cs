using Escapement.Triggers;

namespace Escapement.Jobs;

/// <summary>The handlers of the program by name. No code outside of this registry can run. Immutable after
/// startup.</summary>
sealed class HandlerRegistry
{
    readonly Dictionary<string, Handler> handlers;

    /// <summary>Creates the registry.</summary>
    /// <exception cref="InvalidOperationException">Two handlers have the same name, or a name contains an unprintable
    /// character.</exception>
    public HandlerRegistry(IEnumerable<Handler> handlers)
    {
        this.handlers = new(StringComparer.Ordinal);
        foreach (var handler in handlers)
        {
            if (Printable.FirstHidden(handler.Name) is { } hidden)
            {
                throw new InvalidOperationException(
                    $"The handler's name '{Printable.Shown(handler.Name)}' holds the character {hidden}. Use printable characters.");
            }

            if (!this.handlers.TryAdd(handler.Name, handler))
                throw new InvalidOperationException($"Two handlers are named '{handler.Name}'. Give one of them another name.");
        }

        Names = this.handlers.Keys.ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>All names.</summary>
    public IReadOnlySet<string> Names { get; }

    /// <summary>True if any handler blocks its thread.</summary>
    public bool AnyBlocks => handlers.Values.Any(handler => handler.Blocks);

    /// <summary>Returns the handler with a name.</summary>
    /// <exception cref="HandlerNotFoundException">No handler has the name.</exception>
    public Handler Get(string name) => handlers.TryGetValue(name, out var handler) ? handler : throw new HandlerNotFoundException(
        $"No handler is registered as '{Printable.Shown(name)}'.{Suggestion.Sentence(name, handlers.Keys)} {Registered()}");

    /// <summary>Returns what a registered handler cannot read of arguments, or null if the handler can read them.</summary>
    public string? Mismatch(Job job, JobArguments arguments)
    {
        try
        {
            handlers[job.Handler].Check(arguments);
            return null;
        }
        catch (ArgumentMismatchException e)
        {
            return e.Message;
        }
    }

    /// <summary>Returns the sentence about a job whose handler is not registered, or null if the handler is
    /// registered.</summary>
    internal string? Lack(string name) => handlers.ContainsKey(name) ? null
        : $"No handler is registered as '{Printable.Shown(name)}' in this program, so the job does not run.{Suggestion.Sentence(name, handlers.Keys)} Register the handler, or remove the job.";

    string Registered() => handlers.Count == 0
        ? "None is registered at all."
        : $"Registered are {string.Join(", ", handlers.Keys.Order(StringComparer.Ordinal).Take(20))}{(handlers.Count > 20 ? $" and {handlers.Count - 20} more" : "")}.";
}
