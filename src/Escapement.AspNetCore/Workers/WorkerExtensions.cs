using Escapement.AspNetCore.Workers;
using Microsoft.AspNetCore.Builder;

namespace Escapement;

/// <summary>Runs a web program as several processes at the same port.</summary>
public static class WorkerExtensions
{
    /// <summary>Starts and supervises several worker processes with the same addresses, if the command line contains
    /// <c>--workers N</c>.</summary>
    /// <param name="builder">The program's builder with its final settings: the addresses, the lease and the drain time
    /// are read from the builder.</param>
    /// <param name="args">The program's arguments.</param>
    /// <returns>
    /// The exit code for the program after all workers have ended, or <see langword="null"/> if the program must
    /// continue normally: because no workers were requested, or because this process is a worker.
    /// </returns>
    /// <remarks><c>if (await builder.RunWorkersAsync(args) is { } exitCode) return exitCode;</c> Linux only. See
    /// docs/workers.md.</remarks>
    public static async Task<int?> RunWorkersAsync(this WebApplicationBuilder builder, string[] args)
    {
        // For a host without hosting startup (CreateSlimBuilder). Other hosts have already called this method.
        WorkerStartup.Configure(builder.Services);
        if (LauncherLink.Current is not null) return null;

        var output = WorkerOutput.Standard;
        try
        {
            var line = WorkerCommandLine.Parse(args);
            return line.Count is { } count ? await LaunchAsync(WorkerProgram.ThisOne, line, count, builder, output) : null;
        }
        catch (FormatException e)
        {
            output.Fault(e.Message);
            return 2;
        }
        catch (Exception e) when (e is WorkersRefusedException or SettingsException)
        {
            output.Fault(e.Message);
            return 1;
        }
    }

    static async Task<int> LaunchAsync(Func<IReadOnlyList<string>, WorkerProgram> program, WorkerCommandLine line, int count,
        WebApplicationBuilder builder, WorkerOutput output)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new WorkersRefusedException(
                "--workers needs Linux: other systems do not distribute the connections of a port to several processes. Start a single process, or several processes with their own ports behind a proxy.");
        }

        if (!PidHandle.IsSupported())
        {
            throw new WorkersRefusedException(
                "--workers needs a kernel with pidfd (Linux 5.3 or newer), and a container that allows pidfd.");
        }

        var options = builder.Configuration.ReadEscapementOptions();
        using var addresses = PortReservation.Take(builder.Configuration);
        if (await LaunchCheck.RunAsync(builder.Services, addresses.Urls) is { } warning) output.Tell(warning);

        // By default the host stops waiting after 30 s. Longer runs need a longer DRAIN.
        var plan = new WorkerPlan(program(line.Rest), addresses.Urls, options.Lease, options.Drain + TimeSpan.FromSeconds(5),
            TimeProvider.System, output);
        using var launcher = new WorkerLauncher(plan, count);
        return await launcher.RunAsync();
    }
}
