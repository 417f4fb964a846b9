using Escapement.Triggers;

namespace Escapement.Jobs;

/// <summary>A stored job definition: handler, trigger, arguments and options.</summary>
public sealed record Job
{
    /// <summary>The id, which cannot change.</summary>
    public required JobId Id { get; init; }

    /// <summary>The display name, by default the id.</summary>
    public required string Name { get; init; }

    /// <summary>The name of a registered handler.</summary>
    public required string Handler { get; init; }

    /// <summary>The arguments of the handler.</summary>
    public JobArguments Arguments { get; init; } = JobArguments.None;

    /// <summary>The trigger, or null for a job that runs only on request.</summary>
    public Trigger? Trigger { get; init; }

    /// <summary>The options.</summary>
    public JobOptions Options { get; init; } = new();

    /// <summary>The origin of the definition.</summary>
    public JobOrigin Origin { get; init; } = JobOrigin.Added;

    /// <summary>A hash over the declaration in code or settings, which detects changed declarations. Null for
    /// <see cref="JobOrigin.Added"/>.</summary>
    public string? DeclaredHash { get; init; }

    /// <summary>The fields of the stored document unknown to this version, as a JSON object, or null. A change
    /// preserves the fields.</summary>
    internal string? Unknown { get; init; }

    /// <summary>The error of an unreadable stored definition as a sentence, or null for a readable
    /// definition.</summary>
    public string? Error { get; private init; }

    /// <summary>The text of an unreadable stored definition, or null for a readable definition.</summary>
    internal string? StoredText { get; private init; }

    /// <summary>Creates a placeholder for an unreadable stored definition. The placeholder has no trigger and no known
    /// handler, and <see cref="JobDocument.Write"/> writes the text back unchanged.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="text">The stored text.</param>
    /// <param name="why">A sentence for people: the message of the <see cref="FormatException"/> thrown by
    /// <see cref="JobDocument.Read"/>.</param>
    public static Job Unreadable(JobId id, string text, string why) =>
        // The name of a registered handler is never empty.
        new() { Id = id, Name = id.Value, Handler = "", StoredText = text, Error = why };
}
