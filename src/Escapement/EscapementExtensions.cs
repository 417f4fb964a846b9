using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Escapement;

/// <summary>Adds the scheduler to a program.</summary>
public static class EscapementExtensions
{
    /// <summary>Adds the scheduler, with its jobs in a SQLite file unless another store is chosen. May be called by several modules; all add up.</summary>
    /// <param name="services">The program's.</param>
    /// <param name="configure">Declares jobs and handlers.</param>
    public static IServiceCollection AddEscapement(this IServiceCollection services, Action<EscapementBuilder>? configure = null) =>
        services.AddEscapementCore(scheduler =>
        {
            scheduler.DefaultStore ??= DefaultStore.Make;
            scheduler.Dates.FileReader ??= HolidayFile.Read;
            configure?.Invoke(scheduler);
        });

    /// <summary>Adds the scheduler, with its jobs in a SQLite file unless another store is chosen. May be called by several modules; all add up.</summary>
    /// <param name="builder">The program's: of a web application, or of a host without web.</param>
    /// <param name="configure">Declares jobs and handlers.</param>
    public static TBuilder AddEscapement<TBuilder>(this TBuilder builder, Action<EscapementBuilder>? configure = null) where TBuilder
        : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddEscapement(configure);
        return builder;
    }

    /// <summary>Declares days on which triggers that name them do not fire, from the events of an iCalendar file that last whole days.</summary>
    /// <param name="scheduler">The program's.</param>
    /// <param name="name">Letters, digits, <c>_ - .</c>, with a letter in front. A set of this name in the settings goes before it.</param>
    /// <param name="path">The file; a relative path is under the content root. It is read when the program starts.</param>
    /// <exception cref="FormatException">The name cannot be read.</exception>
    /// <exception cref="InvalidOperationException">The name is declared already.</exception>
    public static EscapementBuilder ExcludedDatesFile(this EscapementBuilder scheduler, string name, string path)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        scheduler.Dates.Add(name, services => HolidayFile.Read(services, name, path));
        return scheduler;
    }
}
