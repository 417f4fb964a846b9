using System.Diagnostics.CodeAnalysis;
using Escapement.Hosting;
using Escapement.Jobs;

namespace Escapement;

/// <summary>A job that the program declares; its options (JobOptionTable.cs) can be chained. What is not set here is taken from <c>JOB_DEFAULTS</c>.</summary>
public sealed partial class JobBuilder
{
    readonly JobDeclaration declaration;

    internal JobBuilder(JobDeclaration declaration) => this.declaration = declaration;

    /// <summary>A name for people. By default the id.</summary>
    public JobBuilder Name(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        declaration.Name = name;
        return this;
    }

    /// <summary>Arguments in the order of the handler's parameters.</summary>
    /// <param name="values">Written as JSON when the program starts.</param>
    [RequiresUnreferencedCode("Writes the values as JSON by their types.")]
    [RequiresDynamicCode("Writes the values as JSON by their types.")]
    public JobBuilder Args(params object?[] values)
    {
        declaration.Args = values;
        return this;
    }

    /// <summary>Arguments by the names of the handler's parameters.</summary>
    /// <param name="values">A dictionary, or an object whose members are the arguments: <c>new { count = 3 }</c>. Written as JSON when the program starts.</param>
    [RequiresUnreferencedCode("Writes the values as JSON by their types.")]
    [RequiresDynamicCode("Writes the values as JSON by their types.")]
    public JobBuilder Kwargs(object values)
    {
        ArgumentNullException.ThrowIfNull(values);
        declaration.Kwargs = values;
        return this;
    }

    JobBuilder With(JobOption option, object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        declaration.Policies = declaration.Policies.With(option, value);
        return this;
    }
}
