using Escapement.Leadership;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Escapement.Testing;

/// <summary>A process of a test: a host with the engine.</summary>
public sealed class TestNode
{
    readonly World world;
    readonly LocalLocks locks;
    readonly TestProcess process;
    IServiceProvider? services;

    internal TestNode(World world, LocalLocks locks, TestProcess process) =>
        (this.world, this.locks, this.process) = (world, locks, process);

    /// <summary>The id of the process, as in runs and in the ledger.</summary>
    public string Id => process.Name.Id;

    /// <summary>The invented process id, as in sentences.</summary>
    public int Pid => process.Name.Pid;

    /// <summary>The services of the process.</summary>
    /// <exception cref="InvalidOperationException">The host has not been built yet.</exception>
    public IServiceProvider Services => services
        ?? throw new InvalidOperationException($"Process {Pid} of the test has no services yet. Build and start its host first.");

    /// <summary>The scheduler as the process sees it.</summary>
    public IScheduler Scheduler => Services.GetRequiredService<IScheduler>();

    /// <summary>True until the process has ended, was killed or was stopped.</summary>
    public bool IsAlive { get; private set; } = true;

    internal IHost? Host { get; set; }

    internal void Built(IServiceProvider provider) => services = provider;

    /// <summary>Starts the host. The clock advances only as far as the engine waits for the clock.</summary>
    internal Task StartAsync() => ChangeAsync(host => host.StartAsync(CancellationToken.None));

    /// <summary>Stops the process in order, as a deployment does: runs may go on until the drain limit, by the
    /// clock.</summary>
    /// <exception cref="SchedulerTestException">The host does not stop. The message names the cause.</exception>
    public async Task StopAsync()
    {
        if (!IsAlive) return;
        await ChangeAsync(host => host.StopAsync(CancellationToken.None));
        IsAlive = false;
    }

    /// <summary>Kills the process, as <c>kill -9</c> does: no code of the engine goes on, nothing is written to the store, and
    /// the locks are released. The clock stands still.</summary>
    /// <remarks>A handler stops at its next <c>await</c>. The test cannot stop a handler that waits for real input or output with
    /// <c>ConfigureAwait(false)</c>: such a handler goes on, and its calls of the store fail.</remarks>
    /// <returns>A task that ends when the other processes have seen the end.</returns>
    public Task CrashAsync()
    {
        if (!IsAlive) return Task.CompletedTask;
        IsAlive = false;
        world.Kill(process);
        locks.Release(Id);
        return world.AdvanceAsync(world.Now);
    }

    /// <summary>Disposes the services. A process that still lives is killed first.</summary>
    internal void End()
    {
        IsAlive = false;
        world.Kill(process);
        locks.Release(Id);
        Host?.Dispose();
    }

    async Task ChangeAsync(Func<IHost, Task> change)
    {
        var host = Host ?? (services?.GetService<IHost>())
            ?? throw new InvalidOperationException($"Process {Pid} of the test has no host yet. Build and start its host first.");
        process.BeginHost();
        var changing = EndAsync();
        if (!await world.AdvanceAsync(world.Tomorrow, () => !process.IsChanging))
        {
            throw new SchedulerTestException($"The host of process {Pid} has neither started nor stopped within a day of the clock.");
        }

        await changing;

        async Task EndAsync()
        {
            try
            {
                await change(host);
            }
            finally
            {
                process.EndHost();
                world.LookAgain();
            }
        }
    }
}
