using Escapement.Triggers;

namespace Escapement.Jobs;

/// <summary>Where a job's definition comes from.</summary>
public enum JobOrigin
{
    /// <summary>Declared in the program.</summary>
    Code,

    /// <summary>Declared in the program's settings.</summary>
    Settings,

    /// <summary>Added at run time, over REST or by <see cref="IScheduler"/>.</summary>
    Added,
}

/// <summary>A stored definition: what runs, when, with what, and under which policies.</summary>
public sealed record Job
{
    /// <summary>The id; it cannot change.</summary>
    public required JobId Id { get; init; }

    /// <summary>The name for people; the id when none was given.</summary>
    public required string Name { get; init; }

    /// <summary>The name of a registered handler.</summary>
    public required string Handler { get; init; }

    /// <summary>What the handler is called with.</summary>
    public JobArguments Arguments { get; init; } = JobArguments.None;

    /// <summary>When it fires; null for a job that runs only when it is asked to.</summary>
    public Trigger? Trigger { get; init; }

    /// <summary>The policies.</summary>
    public JobOptions Options { get; init; } = new();

    /// <summary>Who declared it.</summary>
    public JobOrigin Origin { get; init; } = JobOrigin.Added;

    /// <summary>A hash over what the program or the settings wrote, by which a changed declaration is known; null for <see cref="JobOrigin.Added"/>.</summary>
    public string? DeclaredHash { get; init; }

    /// <summary>The fields of the stored document that this version does not know, as a JSON object; null for none. A change keeps them.</summary>
    internal string? Unknown { get; init; }

    /// <summary>Why the stored definition cannot be read, as a sentence; null for a job that can be read.</summary>
    public string? Error { get; private init; }

    /// <summary>The stored text of a definition that cannot be read; null for a job that can be read.</summary>
    internal string? StoredText { get; private init; }

    /// <summary>Stands for a stored definition that cannot be read: it has no trigger, no program has its handler, and <see cref="JobDocument.Write"/> writes the text back unchanged.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="text">The stored text.</param>
    /// <param name="why">A sentence for people: the message of the <see cref="FormatException"/> of <see cref="JobDocument.Read"/>.</param>
    public static Job Unreadable(JobId id, string text, string why) =>
        // The name of a registered handler is never empty.
        new() { Id = id, Name = id.Value, Handler = "", StoredText = text, Error = why };
}
