using System.Reflection;
using System.Runtime.InteropServices;
using Escapement.Engine;
using Escapement.Jobs;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Stores;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Escapement.Hosting;

/// <summary>The hosted service of the scheduler: checks the start gate, opens the store and the locks, starts the node,
/// and steps down at the first sign of stopping.</summary>
/// <remarks>Runs before the web server listens, so that an answering process knows its state.</remarks>
sealed class SchedulerService(
    HostContext host, EscapementOptions options, IJobStore store, HandlerRegistry handlers, ThisNode self,
    Func<DateTimeOffset, Declarations> declared)
    : IHostedLifecycleService, IAsyncDisposable
{
    readonly ILogger log = SafeLog.Over(host.Logs.CreateLogger("Escapement"));
    readonly CancellationTokenSource stopping = new();
    readonly TaskCompletionSource firstTry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Task opening = Task.CompletedTask;
    INodeLocks? locks;
    NodeLifecycle? node;
    CancellationTokenRegistration leaving;
    PosixSignalRegistration? interrupts;
    int interruptCount;
    bool disposed;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await BeginAsync(cancellationToken);
        }
        catch (Exception e)
        {
            RefusedStart.Mark(e, host.Logs);

            // Not every host is disposed after a failed start.
            await DisposeAsync();
            throw;
        }
    }

    async Task BeginAsync(CancellationToken cancellationToken)
    {
        foreach (var remark in options.Remarks) Log.Remark(log, remark);
        store.Notifier.Answer(self.Name.Id, self.Report);
        var lockFile = LockFile();
        if (options.LockFile is not null && store is ILifeLockStore)
            Log.Remark(log, $"LOCK_FILE is set, but the store {store.Place.Name} is a database, which decides without a lock file. The key is ignored.");
        if (options.Schema is not null && store.Place.Kind is ("sqlite" or "memory")) Log.Remark(log, $"SCHEMA is set, but the store {store.Place.Name} has no schemas. The key is ignored.");
        leaving = host.Lifetime.ApplicationStopping.Register(Leave);
        interrupts = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupted);
        if (StartGate.Check(Facts(lockFile)) is { } refusal)
        {
            opening = RefuseAsync(refusal.Reason, refusal.Detail, stopping.Token);
        }
        else
        {
            CheckScope();

            // An invalid declaration fails the start.
            _ = declared(host.Clock.GetUtcNow());
            locks = OpenLocks(lockFile);
            self.Name = self.Name with { LifeLock = locks.LifeLock };
            self.LockHolder = locks.Holder;
            opening = RunAsync(() => OpenAndStartAsync(locks, lockFile, stopping.Token));
        }

        // An unavailable store does not stop the program: the program serves, reports the outage, and schedules when
        // the store is back.
        var first = await Task.WhenAny(opening, firstTry.Task.WaitAsync(cancellationToken));
        await first;
        if (!opening.IsCompleted) _ = TellFailureAsync();
    }

    /// <summary>Logs a failure after the start of the host, when nobody awaits the opening.</summary>
    async Task TellFailureAsync()
    {
        try
        {
            await opening;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops.
        }
        catch (Exception e)
        {
            Log.NotStarted(log, Failure.MessageOf(e), Failure.Loggable(e));
        }
    }

    async Task OpenAndStartAsync(INodeLocks locks, string? lockFile, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);

        // Behind a pooler the opened store has no life lock.
        self.Name = self.Name with { LifeLock = locks.LifeLock };
        var context = new NodeContext(self.Name, store, locks, Settings(), store.Clock,
            host.Control?.Scheduler ?? TaskScheduler.Default, log)
        {
            Stopping = host.Lifetime.ApplicationStopping,
            MayStartJobs = options.StartEarly ? new(canceled: true) : host.Lifetime.ApplicationStarted,
        };
        Log.Started(log, context.Settings.Application, self.Name.Id, store.Place.Name, lockFile ?? "none", store.Place.Scope);
        var made = new NodeLifecycle(context, handlers, host.Services, declared);
        self.Node = node = made;
        await made.StartAsync(cancellationToken);
    }

    /// <summary>Opens the store, and retries while the store is unavailable. Throws if the first try fails for another
    /// reason.</summary>
    async Task OpenAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await store.OpenAsync(Application(), cancellationToken);
                self.StoreOutage = null;
                return;
            }
            catch (Exception e) when (e is StoreUnavailableException || (firstTry.Task.IsCompleted && e is not OperationCanceledException))
            {
                // Startup has finished after the first try. A later failure cannot stop the program, and may be
                // repaired.
                ShowOutage(Failure.MessageOf(e));
            }

            await Task.Delay(EngineSettings.RetryPause, host.Clock, cancellationToken);
        }
    }

    /// <summary>Reports the outage of the store, logs each new message, and lets the host start.</summary>
    void ShowOutage(string message)
    {
        if (message != self.StoreOutage) Log.StoreDown(log, message);
        self.StoreOutage = message;
        if (self.State is not NodeState.Refused) self.State = new NodeState.Standby(Reason.StoreUnavailable, null, message);
        firstTry.TrySetResult();
    }

    /// <summary>Reports the refusal. Opens the store if the process serves the API without scheduling.</summary>
    async Task RefuseAsync(Reason reason, string detail, CancellationToken cancellationToken)
    {
        self.State = new NodeState.Refused(reason, detail);
        if (reason is Reason.SwitchedOff or Reason.HostNotAllowed or Reason.DesignTime or Reason.TestHost)
        {
            Log.RefusedBySetting(log, self.State.Sentence);
        }
        else
        {
            Log.Refused(log, self.State.Sentence);
        }

        if (reason is Reason.SwitchedOff or Reason.HostNotAllowed) await OpenAsync(cancellationToken);
    }

    GateFacts Facts(string? lockFile) => new(
        Environment.MachineName, options.AllowedHosts,
        !options.Enabled ? "ENABLED = false" : options.RunJobs == RunJobs.None ? "RUN_JOBS = none" : null,
        host.Server, Assembly.GetEntryAssembly()?.GetName().Name, options.StartInTestHost,
        (lockFile is null ? null : FileSystemProbe.UnsureAt(Path.GetDirectoryName(lockFile)!))
            ?? (store.Place.File is { } file ? FileSystemProbe.UnsureAt(Path.GetDirectoryName(file)!) : null));

    void CheckScope()
    {
        var machine = store.Place.Scope is "this machine" or "this process";
        if (machine && options.RequireCluster) throw new StoreRefusedException(ReasonText.Of(Reason.ClusterRequired, store.Place.Name));
        if (options.ServeExecutors is not null)
        {
            if (SettingsForms.ServedFault(options) is { } fault) throw new SettingsException([fault]);
            if (store.Place.Actives == ActiveNodes.One)
            {
                throw new StoreRefusedException(
                    $"SERVE_EXECUTORS is set, but over the store {store.Place.Name} a single process at a time is active, and nobody would take the runs of the other executors. Remove SERVE_EXECUTORS, or use PostgreSQL without SINGLE_ACTIVE.");
            }
        }

        if (!host.IsWorker && ScopeWarning.Of(store, options) is { } warning) Log.Scope(log, warning);
        if (!store.Place.Shared) Log.MemoryStore(log);
    }

    /// <summary>Returns the path of the lock file: the configured path, or a path beside the store's file. Null if the
    /// store itself offers the locks, and for a store in memory in a test host, which leaves no file behind. The processes of a
    /// database are on many machines, where a lock file would keep the life locks of the database from being used.</summary>
    string? LockFile() => host.Control is not null ? null : (options.LockFile, store) switch
    {
        (_, ILifeLockStore) => null,
        (_, IStoreLocks) when host.Server == StartGate.TestServer && !store.Place.Shared => null,
        ({ } path, _) => Path.GetFullPath(path, host.ContentRoot),
        (null, IStoreLocks) => null,
        (null, { Place.File: { } file }) => Path.GetFullPath(file, host.ContentRoot) + ".lock",
        _ => Path.Combine(host.ContentRoot, ".escapement", "scheduler.lock"),
    };

    INodeLocks OpenLocks(string? path)
    {
        // Checked before the lock files are made, which would be left behind.
        if (store.Place.File is { } file && !FileRights.MayWrite(file)) throw StoreRefusedException.OnlyReadable(file);
        if (host.Control is { } control) return control.Locks.Open(self.Name.Id, freeMeansGone: store.Place.Actives == ActiveNodes.One);
        if (path is null)
        {
            return store is ILifeLockStore database
                ? new DatabaseLocks(database.OpenLifeLocks(self.Name.Id))
                : ((IStoreLocks)store).OpenLocks(self.Name.Id);
        }

        if (options.LockFile is null) FileLocks.MakeFolder(Path.GetDirectoryName(path)!);
        return FileLocks.Open(path, self.Name.Id, store.Place.File);
    }

    EngineSettings Settings() => new(Application(), options.Lease, options.Drain, options.Retention, options.GraceLimit)
    {
        FireTimes = options.RunJobs == RunJobs.All,
        Served = options.ServeExecutors?.ToHashSet(StringComparer.Ordinal),
        StartPaused = options.StartPaused,
        WarmUps = host.Control is null ? EngineSettings.DefaultWarmUps : 0,
        Executors = options.Executors.ToDictionary(executor => executor.Key, executor => executor.Value.MaxWorkers),
    };

    string Application() => options.Application ?? host.ApplicationName;

    Task RunAsync(Func<Task> work) => host.Control?.RunAsync(work) ?? work();

    // A killed process ends nothing in order, and its work does not run any more.
    bool IsGone => host.Control is { IsGone: true };

    void Leave()
    {
        if (disposed || IsGone) return;
        stopping.Cancel();
        _ = node?.StepDownAsync();
    }

    /// <summary>Stops the runs at the second SIGINT. A launcher or a terminal may send SIGTERM and the first SIGINT
    /// together.</summary>
    void Interrupted(PosixSignalContext signal)
    {
        if (Interlocked.Increment(ref interruptCount) < 2 || !host.Lifetime.ApplicationStopping.IsCancellationRequested) return;
        signal.Cancel = true;
        node?.Hurry();
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (options.ApiEnabled is true && host.Server is not null && !self.ServesApi) Log.ApiNotMapped(log, options.ApiPrefix);
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (disposed || IsGone) return;
        Leave();
        try
        {
            await opening;
        }
        catch (Exception)
        {
            // Stopped before the store was open, or the start failed and the error was reported.
        }

        if (node is { } started) await RunAsync(() => started.StopAsync(cancellationToken));
        if (!store.Place.Shared) self.Stopped();
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (disposed) return;
        disposed = true;
        interrupts?.Dispose();
        await leaving.DisposeAsync();
        await stopping.CancelAsync();
        if (IsGone) return;
        try
        {
            await opening;
        }
        catch (Exception)
        {
            // Stopped before the store was open, or the start failed and the error was reported.
        }

        if (node is not null)
        {
            await node.DisposeAsync();
        }
        else if (locks is not null)
        {
            // No other process knows the life lock file, because its name was never written to the store.
            locks.Main.Dispose();
            locks.Life.Dispose();
            locks.Remove(self.Name);
        }

        stopping.Dispose();
    }
}
