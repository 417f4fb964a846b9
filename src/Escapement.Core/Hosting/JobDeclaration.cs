using System.Text.Json;
using Escapement.Engine;
using Escapement.Jobs;

namespace Escapement.Hosting;

/// <summary>A job as the program declares it, before options, zone and moment are known.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Trigger">When it fires, as it was written; null for a job that runs only when it is asked to.</param>
/// <param name="Handler">The name of its handler.</param>
sealed record JobDeclaration(JobId Id, TriggerBuilder? Trigger, string Handler)
{
    /// <summary>A name for people.</summary>
    public string? Name { get; internal set; }

    /// <summary>The policies that are set.</summary>
    public JobPolicies Policies { get; internal set; } = new();

    /// <summary>Arguments in order.</summary>
    public IReadOnlyList<object?> Args { get; internal set; } = [];

    /// <summary>Arguments by name: an object with members, or a dictionary.</summary>
    public object? Kwargs { get; internal set; }

    /// <summary>The arguments as JSON.</summary>
    /// <exception cref="SettingsException">They cannot be written as such.</exception>
    internal JobArguments ArgumentsAs(EscapementOptions options)
    {
        if (Args is [] && Kwargs is null) return JobArguments.None;
        try
        {
            return JobArguments.From(
                JsonSerializer.SerializeToElement(Args, options.Json), Kwargs is null
                    ? null
                    : JsonSerializer.SerializeToElement(Kwargs, Kwargs.GetType(), options.JsonAsWritten));
        }
        catch (Exception e)
        {
            // Whatever it is: a converter of the program's own may throw anything.
            throw new SettingsException([$"The arguments of job '{Id}' cannot be written as JSON: {Failure.MessageOf(e)}"]);
        }
    }
}
