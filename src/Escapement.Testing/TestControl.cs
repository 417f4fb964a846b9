using System.Globalization;
using Escapement.Hosting;
using Escapement.Leadership;
using Escapement.Ledger;

namespace Escapement.Testing;

/// <summary>The control of a process's engine.</summary>
sealed class TestControl(World world, TestProcess process, LocalLocks locks, TestRecord record) : EngineControl
{
    readonly TestClock clock = new(world, process);

    /// <inheritdoc/>
    public override NodeName Name => process.Name;

    /// <inheritdoc/>
    public override TaskScheduler Scheduler { get; } = new NodeScheduler(world, process);

    /// <inheritdoc/>
    public override LocalLocks Locks => locks;

    /// <inheritdoc/>
    public override bool IsGone => process.IsGone;

    /// <inheritdoc/>
    public override Task RunAsync(Func<Task> work) =>
        Task.Factory.StartNew(() => EngineAsync(work), CancellationToken.None, TaskCreationOptions.None, Scheduler).Unwrap();

    // Both ends are on the world's thread, so that the clock cannot advance between the work and the host's next step.
    async Task EngineAsync(Func<Task> work)
    {
        process.BeginEngine();
        try
        {
            await work();
        }
        finally
        {
            process.EndEngine();
        }
    }

    /// <inheritdoc/>
    public override async ValueTask CallAsync(JobContext run, Func<ValueTask> handler)
    {
        var seen = new TestRun(run, clock.GetUtcNow(), process.Name.Id);
        record.Add(seen);
        var watch = new RunWatch(process,
            string.Create(CultureInfo.InvariantCulture, $"job '{run.Job.Value}' (fire time {run.FireTime.UtcDateTime:u})"));
        world.Begin(watch);
        Exception? exception = null;
        try
        {
            await StartAsync(watch, handler);
        }
        catch (Exception e)
        {
            exception = e;
            throw;
        }
        finally
        {
            seen.End(clock.GetUtcNow(), exception);
            world.End(watch);
        }
    }

    // The handler alone belongs to the run: an async method gives its caller the former context back.
    static async ValueTask StartAsync(RunWatch watch, Func<ValueTask> handler)
    {
        RunWatch.Current = watch;
        var running = handler();
        watch.HasYielded = true;
        await running;
    }
}
