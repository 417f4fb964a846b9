using Escapement.Jobs;

namespace Escapement.Hosting;

/// <summary>A job declared by the program, before options, time zone and start time are known.</summary>
/// <param name="Id">The id.</param>
/// <param name="Trigger">The trigger as declared, or null for a job that runs only on request.</param>
/// <param name="Handler">The name of the handler.</param>
sealed record JobDeclaration(JobId Id, TriggerBuilder? Trigger, string Handler)
{
    /// <summary>The display name, or null for the id.</summary>
    public string? Name { get; internal set; }

    /// <summary>The options set in the declaration.</summary>
    public JobPolicies Policies { get; internal set; } = new();

    /// <summary>The positional arguments.</summary>
    public IReadOnlyList<object?> Args { get; internal set; } = [];

    /// <summary>The keyword arguments: an object with members, a dictionary, or null.</summary>
    public object? Kwargs { get; internal set; }

    /// <summary>Returns the arguments as JSON.</summary>
    /// <exception cref="FormatException">The arguments cannot be written as JSON.</exception>
    internal JobArguments ArgumentsAs(EscapementOptions options) =>
        Args is [] && Kwargs is null ? JobArguments.None : JobArguments.From(
            ArgumentsJson.Positional([.. Args], options), Kwargs is null ? null : ArgumentsJson.Keywords(Kwargs, options));
}
