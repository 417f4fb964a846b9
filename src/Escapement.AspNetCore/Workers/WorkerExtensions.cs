using Escapement.AspNetCore.Workers;
using Escapement.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Escapement;

/// <summary>Several processes of one web program at one port.</summary>
public static class WorkerExtensions
{
    /// <summary>Runs the program as several processes, where its command line says <c>--workers N</c>: this one then starts them and watches them, and they share its addresses.</summary>
    /// <param name="builder">The program's, with the settings that it makes itself: the addresses, the lease and the time to drain are read from it.</param>
    /// <param name="args">The program's arguments.</param>
    /// <returns>
    /// The exit code with which the program is to end, when all has been done; <see langword="null"/> when it is to go on as it always does: because nobody asked for workers, or because it is one.
    /// </returns>
    /// <remarks><c>if (await builder.RunWorkersAsync(args) is { } exitCode) return exitCode;</c> Linux only; docs/workers.md.</remarks>
    public static async Task<int?> RunWorkersAsync(this WebApplicationBuilder builder, string[] args)
    {
        // For a host that takes no hosting startup (CreateSlimBuilder). Elsewhere it has happened already.
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
                "--workers needs Linux: elsewhere the system does not spread the connections of one port over several processes. Start one process, or several at ports of their own behind a proxy.");
        }

        if (!PidHandle.IsSupported())
        {
            throw new WorkersRefusedException("--workers needs a kernel with pidfd (Linux 5.3 or newer), and a container that allows it.");
        }

        var options = Settings.Read(builder.Configuration);
        using var addresses = PortReservation.Take(builder.Configuration);
        await LaunchCheck.RunAsync(builder.Services, addresses.Urls);

        // The host gives up after 30 s by itself, unless the program says otherwise; what drains longer needs a longer DRAIN.
        var plan = new WorkerPlan(program(line.Rest), addresses.Urls, options.Lease, options.Drain + TimeSpan.FromSeconds(5),
            TimeProvider.System, output);
        using var launcher = new WorkerLauncher(plan, count);
        return await launcher.RunAsync();
    }
}
