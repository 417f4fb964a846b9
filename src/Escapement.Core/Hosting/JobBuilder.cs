using System.Diagnostics.CodeAnalysis;
using Escapement.Hosting;
using Escapement.Jobs;

namespace Escapement;

/// <summary>A job that the program declares; its options can be chained. What is not set here is taken from <c>JOB_DEFAULTS</c>.</summary>
public sealed class JobBuilder
{
    readonly JobDeclaration declaration;

    internal JobBuilder(JobDeclaration declaration) => this.declaration = declaration;

    /// <summary>How late a fire time may still run. By default until the next one, and at most 24 hours.</summary>
    /// <param name="limit">Above zero.</param>
    public JobBuilder Grace(TimeSpan limit) => Grace(Jobs.Grace.Of(limit));

    /// <summary>How late a fire time may still run: a limit, <see cref="Jobs.Grace.Unlimited"/> or <see cref="Jobs.Grace.UntilNext"/>.</summary>
    public JobBuilder Grace(Grace grace) => With(policies => policies with { Grace = grace });

    /// <summary>How many runs of the job may go on at once. By default 1, and without limit for a job without a trigger.</summary>
    /// <param name="most">1 or more.</param>
    public JobBuilder MaxInstances(int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        return With(policies => policies with { MaxInstances = most });
    }

    /// <summary>Whether several due fire times become one run, that of the last of them. By default they do.</summary>
    public JobBuilder Coalesce(bool coalesce) => With(policies => policies with { Coalesce = coalesce });

    /// <summary>The executor whose places the runs take. By default <c>default</c>.</summary>
    /// <param name="alias">One of <c>EXECUTORS</c>.</param>
    public JobBuilder Executor(string alias)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(alias);
        return With(policies => policies with { Executor = alias });
    }

    /// <summary>Starts a run again whose process ended in the middle: at least once instead of at most once.</summary>
    public JobBuilder RerunIfInterrupted() => With(policies => policies with { RerunIfInterrupted = true });

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

    JobBuilder With(Func<JobPolicies, JobPolicies> change)
    {
        declaration.Policies = change(declaration.Policies);
        return this;
    }
}
