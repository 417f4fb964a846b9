using Escapement.Jobs;

namespace Escapement;

/// <summary>The options of a job, each with its range. The options themselves are in JobOptionTable.cs.</summary>
public sealed partial record JobOptions
{
    /// <summary>The alias of the executor and the store that a job has when it names none.</summary>
    public const string Default = "default";

    static readonly JobOptionValues Defaults = JobOptionValues.Of(option => option.Default);

    JobOptionValues values = Defaults;

    /// <summary>The defaults of a job that is added at run time and has a trigger.</summary>
    public JobOptions()
    {
    }

    internal JobOptions(Func<JobOption, object?> valueOf) => values = JobOptionValues.Of(valueOf);

    /// <summary>The value of an option.</summary>
    internal object? this[JobOption option]
    {
        get => values[option];
        init => values = values.With(option, value is null && option.MayBeNull
            ? null
            : option.Checked(value ?? throw new ArgumentNullException(option.Name)));
    }
}
