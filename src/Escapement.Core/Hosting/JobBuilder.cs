using System.Diagnostics.CodeAnalysis;
using Escapement.Hosting;
using Escapement.Jobs;

namespace Escapement;

/// <summary>A job declared by the program. The options (JobOptionTable.cs) can be chained. Options not set here come
/// from <c>JOB_DEFAULTS</c>.</summary>
public sealed partial class JobBuilder
{
    readonly JobDeclaration declaration;

    internal JobBuilder(JobDeclaration declaration) => this.declaration = declaration;

    /// <summary>Sets the display name. By default the id.</summary>
    public JobBuilder Name(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        declaration.Name = name;
        return this;
    }

    /// <summary>Sets the positional arguments, in the order of the handler's parameters.</summary>
    /// <param name="values">The values, written as JSON at startup.</param>
    [RequiresUnreferencedCode("Writes the values as JSON by their types.")]
    [RequiresDynamicCode("Writes the values as JSON by their types.")]
    public JobBuilder Args(params object?[] values)
    {
        declaration.Args = values;
        return this;
    }

    /// <summary>Sets the keyword arguments, by the names of the handler's parameters.</summary>
    /// <param name="values">A dictionary, or an object with the arguments as members: <c>new { count = 3 }</c>. Written
    /// as JSON at startup.</param>
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
