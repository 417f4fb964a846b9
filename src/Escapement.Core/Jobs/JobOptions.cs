using Escapement.Jobs;

namespace Escapement;

/// <summary>The options of a job, with checked ranges. The properties are in JobOptionTable.cs.</summary>
public sealed partial record JobOptions
{
    /// <summary>The alias of the default executor and store.</summary>
    public const string Default = "default";

    static readonly JobOptionValues Defaults = JobOptionValues.Of(JobOptionTable.All, option => option.Default);

    JobOptionValues values = Defaults;

    /// <summary>Creates the default options of a job added at run time with a trigger.</summary>
    public JobOptions()
    {
    }

    internal JobOptions(Func<JobOption, object?> valueOf) => values = JobOptionValues.Of(JobOptionTable.All, valueOf);

    /// <summary>The value of an option.</summary>
    internal object? this[JobOption option]
    {
        get => values[option];
        init => values = values.With(option, value is null && option.MayBeNull
            ? null
            : option.Checked(value ?? throw new ArgumentNullException(option.Name)));
    }
}
