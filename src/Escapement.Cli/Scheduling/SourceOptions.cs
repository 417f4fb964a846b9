using System.CommandLine;
using System.Data.Common;
using System.Runtime.InteropServices;
using Escapement.Jobs;
using Escapement.PostgreSql;
using Escapement.Stores;
using Escapement.Triggers;

namespace Escapement.Cli.Scheduling;

/// <summary>The options of every command that asks a scheduler, and the way from the command line to the exit code.</summary>
sealed class SourceOptions
{
    /// <summary>The environment variable with the address of the API.</summary>
    public const string Variable = "ESCAPEMENT_URL";

    /// <summary>The address without option and variable.</summary>
    public const string DefaultUrl = "http://localhost:5000/scheduler";

    const int MaxShownPath = 300;

    readonly Option<string?> url = new("--url")
    {
        Description = $"The address of the REST API. Default: the environment variable {Variable}, else {DefaultUrl}.",
        HelpName = "url",
    };

    readonly Option<string?> store = new("--store")
    {
        Description = "The file of the store, or the connection of a PostgreSQL database, instead of an address: works also if no process lives.",
        HelpName = "path",
    };

    readonly Option<string?> schema = new("--schema")
    {
        Description = "The schema of the store in a PostgreSQL database. Default: escapement.",
        HelpName = "name",
    };

    readonly Option<bool> json = new("--json") { Description = "Answer as JSON." };

    readonly TimeProvider clock;

    public SourceOptions(Command command, TimeProvider clock)
    {
        this.clock = clock;
        command.Add(url);
        command.Add(store);
        command.Add(schema);
        command.Add(json);
    }

    public bool IsJson(ParseResult parsed) => parsed.GetValue(json);

    /// <summary>Runs a command against the scheduler that the command line names.</summary>
    /// <returns>The exit code.</returns>
    public int Run(ParseResult parsed, Func<SchedulerSource, Output, CancellationToken, Task<int>> command)
    {
        if (parsed.GetValue(url) is not null && parsed.GetValue(store) is not null)
        {
            return StandardError.Refuse("Give --url or --store, not both.");
        }

        if (parsed.GetValue(schema) is not null && parsed.GetValue(store) is null)
            return StandardError.Refuse("--schema: give --store with the connection of a PostgreSQL database too.");
        return Run(parsed.GetValue(store), cancellationToken => RunAsync(parsed, command, cancellationToken));
    }

    /// <summary>Runs a command against a store or a scheduler, until it ends or the user interrupts it.</summary>
    /// <param name="place">The file or the connection of the store, or null.</param>
    /// <param name="command">The command.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string? place, Func<CancellationToken, Task<int>> command)
    {
        using CancellationTokenSource interrupted = new();
        using var signal = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            // A second interrupt ends the process at once.
            context.Cancel = !interrupted.IsCancellationRequested;
            interrupted.Cancel();
        });
        try
        {
            return command(interrupted.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception e) when (CodeOf(e) is { } code)
        {
            StandardError.Say(e switch
            {
                ArgumentException => e.Message.Split(" (Parameter '")[0],
                DbException when !PostgreSqlStoreOptions.IsConnection(place) =>
                    $"The store {Printable.Shown(place ?? "", MaxShownPath)} cannot be read, and may have been changed by hand: {e.Message}",
                _ => e.Message,
            });
            return code;
        }
    }

    async Task<int> RunAsync(ParseResult parsed, Func<SchedulerSource, Output, CancellationToken, Task<int>> command,
        CancellationToken cancellationToken)
    {
        await using var source = parsed.GetValue(store) is { } path
            ? await StoreSource.OpenAsync(path, parsed.GetValue(schema), clock, cancellationToken)
            : (SchedulerSource)HttpSource.Open(parsed.GetValue(url) ?? FromEnvironment() ?? DefaultUrl);
        using Output output = new();
        try
        {
            return await command(source, output, cancellationToken);
        }
        catch (JobNotFoundException e) when (source is StoreSource file)
        {
            throw new ToolException(ExitCode.NotFound, await file.UnknownAsync(e.Job, cancellationToken), e);
        }
    }

    static string? FromEnvironment() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } address ? address : null;

    static int? CodeOf(Exception failure) => failure switch
    {
        ToolException e => e.ExitCode,
        RunNotFoundException => ExitCode.NotFound,
        JobChangedException or JobPausedException => ExitCode.Changed,
        StoreUnavailableException or StoreRefusedException or DbException => ExitCode.NoScheduler,
        FormatException or ArgumentException or BackfillRefusedException or SpanTooLongException => ExitCode.WrongCommandLine,
        _ => null,
    };
}
