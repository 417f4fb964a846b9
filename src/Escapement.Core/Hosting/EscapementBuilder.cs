using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Stores;
using Escapement.Triggers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Escapement;

/// <summary>Declares jobs and handlers. Several modules of a program may each declare theirs: all add up.</summary>
public sealed class EscapementBuilder
{
    const string Signatures = "Reads the handler's signature. The class form with a source-generated JSON context does without.";

    readonly List<JobDeclaration> jobs = [];
    readonly HashSet<JobId> ids = [];
    readonly Dictionary<string, Func<HandlerBindings, Handler>> handlers = new(StringComparer.Ordinal);
    readonly List<Action<EscapementOptions>> changes = [];

    internal EscapementBuilder(IServiceCollection services) => Services = services;

    /// <summary>The program's services, for what extends the scheduler.</summary>
    public IServiceCollection Services { get; }

    /// <summary>The jobs that were declared.</summary>
    internal IReadOnlyList<JobDeclaration> Jobs => jobs;

    /// <summary>The names of the handlers that were registered.</summary>
    internal IReadOnlyCollection<string> HandlerNames => handlers.Keys;

    /// <summary>The store that the program chose.</summary>
    internal Func<IServiceProvider, IJobStore>? Store { get; private set; }

    /// <summary>The store that the installed packages bring, used where neither program nor settings choose another.</summary>
    internal Func<IServiceProvider, IJobStore>? DefaultStore { get; set; }

    /// <summary>Declares a job with a trigger, and registers its handler under the job's id.</summary>
    /// <param name="id">1 to 255 printable characters; no other job of the program has it.</param>
    /// <param name="expression">A cron expression of five or six fields, a word such as <c>@daily</c>, or another text form of a trigger.</param>
    /// <param name="handler">What it runs. A parameter whose type the container knows is a service; <see cref="JobContext"/> and <see cref="CancellationToken"/> come from the run; all others are arguments.</param>
    /// <exception cref="CronFormatException">The expression cannot be read.</exception>
    /// <exception cref="InvalidOperationException">The id is declared already.</exception>
    [RequiresUnreferencedCode(Signatures), RequiresDynamicCode(Signatures)]
    public JobBuilder Add(string id, string expression, Delegate handler) => Add(id, Cron(expression), handler);

    /// <summary>Declares a job with a trigger: <c>Cron("0 9 * * *", zone: "Asia/Shanghai")</c>, <c>Every.Minutes(20)</c>, <c>Daily.At(9, 30)</c>, <c>On(date)</c>.</summary>
    /// <inheritdoc cref="Add(string, string, Delegate)"/>
    [RequiresUnreferencedCode(Signatures), RequiresDynamicCode(Signatures)]
    public JobBuilder Add(string id, TriggerBuilder trigger, Delegate handler)
    {
        ArgumentNullException.ThrowIfNull(trigger);
        return Declare(id, trigger, () => Handler(id, handler));
    }

    /// <summary>Declares a job with a trigger that is complete already.</summary>
    /// <inheritdoc cref="Add(string, string, Delegate)"/>
    [RequiresUnreferencedCode(Signatures), RequiresDynamicCode(Signatures)]
    public JobBuilder Add(string id, Trigger trigger, Delegate handler) => Add(id, TriggerBuilder.Of(trigger), handler);

    /// <summary>Declares a job without a trigger: it runs only when it is asked to.</summary>
    /// <inheritdoc cref="Add(string, string, Delegate)"/>
    [RequiresUnreferencedCode(Signatures), RequiresDynamicCode(Signatures)]
    public JobBuilder Add(string id, Delegate handler) => Declare(id, null, () => Handler(id, handler));

    /// <summary>Declares a job of the class form, and registers the class under the job's id.</summary>
    /// <param name="id">1 to 255 printable characters; no other job of the program has it.</param>
    /// <param name="expression">A cron expression of five or six fields, or a word such as <c>@daily</c>.</param>
    public JobBuilder Add<[DynamicallyAccessedMembers(Class)] T>(string id, string expression) where T : class, IJobHandler =>
        Add<T>(id, Cron(expression));

    /// <summary>Declares a job of the class form, and registers the class under the job's id.</summary>
    /// <param name="id">1 to 255 printable characters; no other job of the program has it.</param>
    /// <param name="trigger">When it fires; null for a job that runs only when it is asked to.</param>
    public JobBuilder Add<[DynamicallyAccessedMembers(Class)] T>(string id, TriggerBuilder? trigger = null) where T : class, IJobHandler =>
        Declare(id, trigger, () => Handler<T>(id));

    /// <summary>Registers a handler without a job, for jobs that come by REST or from the settings.</summary>
    /// <param name="name">The job's <c>func</c>: any text, also with a colon.</param>
    /// <param name="handler">As for a job.</param>
    /// <exception cref="InvalidOperationException">The name is taken.</exception>
    [RequiresUnreferencedCode(Signatures), RequiresDynamicCode(Signatures)]
    public EscapementBuilder Handler(string name, Delegate handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Register(name, bindings => HandlerBinder.Bind(name, handler, bindings));
    }

    /// <summary>Registers a class as a handler: made anew for each run, with its services in its constructor.</summary>
    /// <typeparam name="T">Implements <see cref="IJobHandler"/> or <see cref="IJobHandler{TArgs}"/>.</typeparam>
    /// <param name="name">The job's <c>func</c>.</param>
    /// <exception cref="InvalidOperationException">The name is taken.</exception>
    public EscapementBuilder Handler<[DynamicallyAccessedMembers(Class)] T>(string name) where T : class, IJobHandler
    {
        Services.TryAddTransient<T>();
        return Register(name, bindings => HandlerBinder.Bind<T>(name, bindings.Json));
    }

    /// <summary>A trigger from a cron expression.</summary>
    /// <param name="expression">Five or six fields, or a word such as <c>@daily</c>.</param>
    /// <param name="zone">An IANA name; null for the scheduler's zone.</param>
    [SuppressMessage("Performance", "CA1822", Justification = "Written as scheduler.Cron beside scheduler.Add.")]
    public TriggerBuilder Cron(string expression, string? zone = null) => TriggerBuilder.Cron(expression, zone);

    /// <summary>A trigger that fires once.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "Written as scheduler.On beside scheduler.Add.")]
    public TriggerBuilder On(DateTimeOffset date) => TriggerBuilder.Date(date);

    /// <summary>Declares days on which triggers that name them do not fire: <c>scheduler.ExcludedDates("holidays", "2041-04-19", "12-25")</c>, <c>Daily.At(9, 30).Except("holidays")</c>.</summary>
    /// <param name="name">Letters, digits, <c>_ - .</c>, with a letter in front. A set of this name in the settings goes before it.</param>
    /// <param name="days"><c>2041-12-25</c>, <c>2041-12-24/2042-01-02</c> for a range, <c>12-25</c> for a day of each year.</param>
    /// <exception cref="FormatException">The name or a day cannot be read.</exception>
    /// <exception cref="InvalidOperationException">The name is declared already.</exception>
    public EscapementBuilder ExcludedDates(string name, params string[] days)
    {
        ArgumentNullException.ThrowIfNull(days);
        var set = new NamedDates(name, days);
        Dates.Add(name, _ => set);
        return this;
    }

    /// <summary>Declares days on which triggers that name them do not fire.</summary>
    /// <inheritdoc cref="ExcludedDates(string, string[])"/>
    public EscapementBuilder ExcludedDates(string name, IEnumerable<DateOnly> days)
    {
        var set = NamedDates.Of(name, days);
        Dates.Add(name, _ => set);
        return this;
    }

    /// <summary>The named sets of days.</summary>
    internal DeclaredDates Dates { get; } = new();

    /// <summary>Keeps jobs in memory, whatever the settings say: for tests, and where nothing shall remain.</summary>
    public EscapementBuilder UseMemory() => UseStore(MakeMemory);

    /// <summary>Keeps jobs in another store, whatever the settings say. The last one that is chosen holds.</summary>
    public EscapementBuilder UseStore(Func<IServiceProvider, IJobStore> store)
    {
        ArgumentNullException.ThrowIfNull(store);
        Store = store;
        return this;
    }

    /// <summary>Changes the options after the settings were read.</summary>
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

    /// <summary>Binds all handlers, once the container knows its services.</summary>
    internal HandlerRegistry Bind(IServiceProviderIsService services, JsonSerializerOptions json)
    {
        var bindings = new HandlerBindings(services, json);
        return new(handlers.Values.Select(bind => bind(bindings)));
    }

    JobBuilder Declare(string text, TriggerBuilder? trigger, Action register)
    {
        var id = JobId.Parse(text);
        if (ids.Contains(id)) throw new InvalidOperationException($"The job '{id}' is declared twice. Give one of the two another id.");
        // Read once here, so that a mistake is shown at the line that makes it.
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
            throw new ArgumentException("A handler's name is empty. Give it at least one character.", nameof(name));
        }

        if (!handlers.TryAdd(name, bind))
        {
            throw new InvalidOperationException($"Two handlers are named '{name}'. Give one of them another name.");
        }

        return this;
    }
}
