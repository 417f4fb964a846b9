using Escapement.Triggers;

namespace Escapement.Jobs;

/// <summary>The handlers of the program by name: the only code that can ever run. Frozen at the start.</summary>
public sealed class HandlerRegistry
{
    readonly Dictionary<string, Handler> handlers;

    /// <summary>Takes the handlers.</summary>
    /// <exception cref="InvalidOperationException">Two have the same name, or a name holds a character that is not printable.</exception>
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

    /// <summary>Whether one of them blocks its thread.</summary>
    public bool AnyBlocks => handlers.Values.Any(handler => handler.Blocks);

    /// <summary>The handler of this name.</summary>
    /// <exception cref="HandlerNotFoundException">There is none.</exception>
    public Handler Get(string name) => handlers.TryGetValue(name, out var handler) ? handler : throw new HandlerNotFoundException(
        $"No handler is registered as '{Printable.Shown(name)}'.{Suggestion.Sentence(name, handlers.Keys)} {Registered()}");

    string Registered() => handlers.Count == 0
        ? "None is registered at all."
        : $"Registered are {string.Join(", ", handlers.Keys.Order(StringComparer.Ordinal).Take(20))}{(handlers.Count > 20 ? $" and {handlers.Count - 20} more" : "")}.";
}
