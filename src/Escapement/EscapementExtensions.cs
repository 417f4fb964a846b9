using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Escapement;

/// <summary>Adds the scheduler to a program.</summary>
public static class EscapementExtensions
{
    /// <summary>Adds the scheduler. Jobs are stored in a SQLite file unless another store is chosen. Several modules
    /// may call this method, and all declarations are combined.</summary>
    /// <param name="services">The services of the program.</param>
    /// <param name="configure">Declares jobs and handlers.</param>
    public static IServiceCollection AddEscapement(this IServiceCollection services, Action<EscapementBuilder>? configure = null) =>
        services.AddEscapementCore(WithDefaults(configure));

    /// <summary>Adds the scheduler. Jobs are stored in a SQLite file unless another store is chosen. Several modules
    /// may call this method, and all declarations are combined.</summary>
    /// <remarks>If the scheduler refuses to start and the program does not catch the exception, the process ends with the
    /// sentence of the refusal and exit code 1.</remarks>
    /// <param name="builder">The builder of a web application, or of a host without web.</param>
    /// <param name="configure">Declares jobs and handlers.</param>
    public static TBuilder AddEscapement<TBuilder>(this TBuilder builder, Action<EscapementBuilder>? configure = null) where TBuilder
        : IHostApplicationBuilder => builder.AddEscapementCore(WithDefaults(configure));

    static Action<EscapementBuilder> WithDefaults(Action<EscapementBuilder>? configure) => scheduler =>
    {
        scheduler.UseDefaults(DefaultStore.Make, HolidayFile.Read);
        configure?.Invoke(scheduler);
    };

    /// <summary>Declares a named set of excluded dates from the all-day events of an iCalendar file. Triggers that
    /// refer to the name do not fire on these dates.</summary>
    /// <param name="scheduler">The builder of the scheduler.</param>
    /// <param name="name">The name: letters, digits, <c>_ - .</c>, beginning with a letter. A set of the same name in
    /// the settings takes precedence.</param>
    /// <param name="path">The file. A relative path is under the content root. The file is read when the program
    /// starts.</param>
    /// <exception cref="FormatException">The name is invalid.</exception>
    /// <exception cref="InvalidOperationException">The name is already declared.</exception>
    public static EscapementBuilder ExcludedDatesFile(this EscapementBuilder scheduler, string name, string path)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return scheduler.ExcludedDates(name, services => HolidayFile.Read(services, name, path));
    }
}
