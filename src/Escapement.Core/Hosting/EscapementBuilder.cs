using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Stores;
using Escapement.Triggers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Escapement;

/// <summary>Declares jobs and handlers. Several modules of a program may declare jobs, and all declarations are
/// combined.</summary>
public sealed class EscapementBuilder
{
    const string Signatures = "Reads the handler's signature. The class form with a source-generated JSON context does without.";

    readonly List<JobDeclaration> jobs = [];
    readonly HashSet<JobId> ids = [];
    readonly Dictionary<string, Func<HandlerBindings, Handler>> handlers = new(StringComparer.Ordinal);
    readonly List<Action<EscapementOptions>> changes = [];

    internal EscapementBuilder(IServiceCollection services) => Services = services;

    /// <summary>The program's services, for extensions of the scheduler.</summary>
    public IServiceCollection Services { get; }

    /// <summary>The declared jobs.</summary>
    internal IReadOnlyList<JobDeclaration> Jobs => jobs;

    /// <summary>The store chosen by the program, or null.</summary>
    internal Func<IServiceProvider, IJobStore>? Store { get; private set; }

    /// <summary>The default store of the installed packages, used if neither program nor settings choose a store. Null
    /// if no package provides a store.</summary>
    internal Func<IServiceProvider, IJobStore>? DefaultStore { get; private set; }

    /// <summary>Declares a job with a trigger, and registers its handler under the job's id.</summary>
    /// <param name="id">The id: 1 to 255 printable characters, unique in the program.</param>
    /// <param name="expression">A cron expression of five or six fields, a word such as <c>@daily</c>, or another text
    /// form of a trigger.</param>
    /// <param name="handler">The handler. A parameter with a registered service type is a service,
    /// <see cref="JobContext"/> and <see cref="CancellationToken"/> come from the run, and all further parameters are
    /// arguments.</param>
    /// <exception cref="CronFormatException">The expression is invalid.</exception>
    /// <exception cref="InvalidOperationException">The id is already declared.</exception>
    [RequiresUnreferencedCode(Signatures), RequiresDynamicCode(Signatures)]
    public JobBuilder Add(string id, string expression, Delegate handler) => Add(id, Cron(expression), handler);

    /// <summary>Declares a job with a trigger: <c>Cron("0 9 * * *", zone: "Asia/Shanghai")</c>,
    /// <c>Every.Minutes(20)</c>, <c>Daily.At(9, 30)</c>, <c>On(date)</c>.</summary>
    /// <inheritdoc cref="Add(string, string, Delegate)"/>
    [RequiresUnreferencedCode(Signatures), RequiresDynamicCode(Signatures)]
    public JobBuilder Add(string id, TriggerBuilder trigger, Delegate handler)
    {
        ArgumentNullException.ThrowIfNull(trigger);
        return Declare(id, trigger, () => Handler(id, handler));
    }

    /// <summary>Declares a job with a complete trigger.</summary>
    /// <inheritdoc cref="Add(string, string, Delegate)"/>
    [RequiresUnreferencedCode(Signatures), RequiresDynamicCode(Signatures)]
    public JobBuilder Add(string id, Trigger trigger, Delegate handler) => Add(id, TriggerBuilder.Of(trigger), handler);

    /// <summary>Declares a job without a trigger, which runs only on request.</summary>
    /// <inheritdoc cref="Add(string, string, Delegate)"/>
    [RequiresUnreferencedCode(Signatures), RequiresDynamicCode(Signatures)]
    public JobBuilder Add(string id, Delegate handler) => Declare(id, null, () => Handler(id, handler));

    /// <summary>Declares a job with a class handler, and registers the class under the job's id.</summary>
    /// <param name="id">The id: 1 to 255 printable characters, unique in the program.</param>
    /// <param name="expression">A cron expression of five or six fields, or a word such as <c>@daily</c>.</param>
    public JobBuilder Add<[DynamicallyAccessedMembers(Class)] T>(string id, string expression) where T : class, IJobHandler =>
        Add<T>(id, Cron(expression));

    /// <summary>Declares a job with a class handler, and registers the class under the job's id.</summary>
    /// <param name="id">The id: 1 to 255 printable characters, unique in the program.</param>
    /// <param name="trigger">The trigger, or null for a job that runs only on request.</param>
    public JobBuilder Add<[DynamicallyAccessedMembers(Class)] T>(string id, TriggerBuilder? trigger = null) where T : class, IJobHandler =>
        Declare(id, trigger, () => Handler<T>(id));

    /// <summary>Registers a handler without a job, for jobs added over REST or declared in the settings.</summary>
    /// <param name="name">The job's <c>func</c>: any text, including colons.</param>
    /// <param name="handler">The handler, as for a job.</param>
    /// <exception cref="InvalidOperationException">The name is already registered.</exception>
    [RequiresUnreferencedCode(Signatures), RequiresDynamicCode(Signatures)]
    public EscapementBuilder Handler(string name, Delegate handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Register(name, bindings => HandlerBinder.Bind(name, handler, bindings));
    }

    /// <summary>Registers a class as a handler, instantiated for each run with constructor injection.</summary>
    /// <typeparam name="T">A class with <see cref="IJobHandler"/> or <see cref="IJobHandler{TArgs}"/>.</typeparam>
    /// <param name="name">The job's <c>func</c>.</param>
    /// <exception cref="InvalidOperationException">The name is already registered.</exception>
    public EscapementBuilder Handler<[DynamicallyAccessedMembers(Class)] T>(string name) where T : class, IJobHandler
    {
        Services.TryAddTransient<T>();
        return Register(name, bindings =>
        {
            // A factory of the program needs no constructor.
            if (Services.Last(service => service.ServiceType == typeof(T) && !service.IsKeyedService).ImplementationType is { } type)
            {
                HandlerConstructor.Check(name, type, bindings.Services);
            }

            return HandlerBinder.Bind<T>(name, bindings.Json);
        });
    }

    /// <summary>Returns a trigger with a cron expression.</summary>
    /// <param name="expression">The expression: five or six fields, or a word such as <c>@daily</c>.</param>
    /// <param name="zone">An IANA name, or null for the scheduler's time zone.</param>
    [SuppressMessage("Performance", "CA1822", Justification = "Written as scheduler.Cron beside scheduler.Add.")]
    public TriggerBuilder Cron(string expression, string? zone = null) => TriggerBuilder.Cron(expression, zone);

    /// <summary>Returns a trigger that fires once.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "Written as scheduler.On beside scheduler.Add.")]
    public TriggerBuilder On(DateTimeOffset date) => TriggerBuilder.Date(date);

    /// <summary>Declares a named set of excluded dates. Triggers that refer to the name do not fire on these dates:
    /// <c>scheduler.ExcludedDates("holidays", "2041-04-19", "12-25")</c>, <c>Daily.At(9,
    /// 30).Except("holidays")</c>.</summary>
    /// <param name="name">The name: letters, digits, <c>_ - .</c>, beginning with a letter. A set of the same name in
    /// the settings takes precedence.</param>
    /// <param name="days">The dates: <c>2041-12-25</c>, <c>2041-12-24/2042-01-02</c> for a range, <c>12-25</c> for a
    /// date of each year.</param>
    /// <exception cref="FormatException">The name or a date is invalid.</exception>
    /// <exception cref="InvalidOperationException">The name is already declared.</exception>
    public EscapementBuilder ExcludedDates(string name, params string[] days)
    {
        ArgumentNullException.ThrowIfNull(days);
        var set = new NamedDates(name, days);
        return ExcludedDates(name, _ => set);
    }

    /// <summary>Declares a named set of excluded dates. Triggers that refer to the name do not fire on these
    /// dates.</summary>
    /// <inheritdoc cref="ExcludedDates(string, string[])"/>
    public EscapementBuilder ExcludedDates(string name, IEnumerable<DateOnly> days)
    {
        var set = NamedDates.Of(name, days);
        return ExcludedDates(name, _ => set);
    }

    /// <summary>Declares a named set of excluded dates that is read when the program starts.</summary>
    /// <param name="name">The name, as for a set of given dates.</param>
    /// <param name="read">Reads the set. A <see cref="FormatException"/> or an <see cref="IOException"/> stops the start
    /// with its message.</param>
    /// <exception cref="FormatException">The name is invalid.</exception>
    /// <exception cref="InvalidOperationException">The name is already declared.</exception>
    public EscapementBuilder ExcludedDates(string name, Func<IServiceProvider, NamedDates> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        Dates.Add(name, read);
        return this;
    }

    /// <summary>Sets what a package with a store brings, unless another package did: the store that is used if neither the
    /// program nor its settings choose a store, and the reader of the iCalendar files that the settings name.</summary>
    /// <param name="store">Creates the store. The scheduler opens and disposes the store.</param>
    /// <param name="readDates">Reads a set of dates from the services, the set's name and the file's path.</param>
    public EscapementBuilder UseDefaults(
        Func<IServiceProvider, IJobStore> store, Func<IServiceProvider, string, string, NamedDates> readDates)
    {
        DefaultStore ??= store;
        Dates.FileReader ??= readDates;
        return this;
    }

    /// <summary>The named sets of excluded dates.</summary>
    internal DeclaredDates Dates { get; } = new();

    /// <summary>Keeps jobs in memory, independent of the settings. For tests and temporary jobs.</summary>
    public EscapementBuilder UseMemory() => UseStore(MakeMemory);

    /// <summary>Keeps jobs in another store, independent of the settings. The last chosen store is used.</summary>
    public EscapementBuilder UseStore(Func<IServiceProvider, IJobStore> store)
    {
        ArgumentNullException.ThrowIfNull(store);
        Store = store;
        return this;
    }

    /// <summary>Changes the options after the settings are read.</summary>
    public EscapementBuilder Configure(Action<EscapementOptions> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        changes.Add(change);
        return this;
    }

    internal const DynamicallyAccessedMemberTypes Class =
        DynamicallyAccessedMemberTypes.PublicConstructors | DynamicallyAccessedMemberTypes.Interfaces;

    internal static IJobStore MakeMemory(IServiceProvider services) => new MemoryStore(services.GetRequiredService<TimeProvider>());

    internal void Apply(EscapementOptions options)
    {
        foreach (var change in changes) change(options);
    }

    /// <summary>Binds all handlers when the services of the container are known.</summary>
    /// <exception cref="SettingsException">A handler has an unsupported signature, or needs an unregistered service. The
    /// message lists all errors.</exception>
    internal HandlerRegistry Bind(IServiceProviderIsService services, JsonSerializerOptions json, EngineControl? control = null)
    {
        var bindings = new HandlerBindings(services, json);
        List<Handler> bound = [];
        List<string> faults = [];
        foreach (var bind in handlers.Values)
        {
            try
            {
                bound.Add(Controlled(bind(bindings), control));
            }
            catch (ArgumentException e)
            {
                faults.Add(e.Message);
            }
        }

        return faults is [] ? new(bound) : throw new SettingsException(faults);
    }

    static Handler Controlled(Handler handler, EngineControl? control) => control is null ? handler : handler with
    {
        Run = (run, services, cancellationToken) => control.CallAsync(run, () => handler.Run(run, services, cancellationToken)),
    };

    JobBuilder Declare(string text, TriggerBuilder? trigger, Action register)
    {
        try
        {
            return DeclareChecked(text, trigger, register);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException)
        {
            RefusedStart.Name(e, $"Job '{Printable.Shown(text ?? "")}'");
            throw;
        }
    }

    JobBuilder DeclareChecked(string text, TriggerBuilder? trigger, Action register)
    {
        var id = JobId.Parse(text);
        if (ids.Contains(id)) throw new InvalidOperationException($"The job '{id}' is declared twice. Give one of the two another id.");
        // Builds the trigger once here, so that an error is reported at the declaring line.
        trigger?.Build(new(ZoneClock.Utc, DateTimeOffset.UnixEpoch, text) { Dates = null });
        register();
        var declaration = new JobDeclaration(id, trigger, text);
        jobs.Add(declaration);
        ids.Add(id);
        return new(declaration);
    }

    EscapementBuilder Register(string name, Func<HandlerBindings, Handler> bind)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            throw new ArgumentException("A handler's name is empty. Use at least one character.", nameof(name));
        }

        if (!handlers.TryAdd(name, bind))
        {
            throw new InvalidOperationException($"Two handlers are named '{name}'. Give one of them another name.");
        }

        return this;
    }
}
