using System.Diagnostics;
using System.Runtime.CompilerServices;
using Escapement.Rules;

namespace Escapement.Sqlite.Tests;

/// <summary>
/// This test program in a separate process. The process opens a store, reports the outcome, and executes commands.
/// </summary>
sealed class OtherProcess : IDisposable
{
    const string Variable = "ESCAPEMENT_TEST_OTHER";

    readonly Process process;

    OtherProcess(Process process) => this.process = process;

    public int Pid => process.Id;

    /// <summary>Gets a user without privileges, or null if this process cannot switch users.</summary>
    public static string? User => Environment.UserName == "root" && File.Exists("/usr/bin/setpriv") ? "nobody" : null;

    // Runs before the test runner parses its command line.
    [ModuleInitializer]
    internal static void Begin()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } what) return;
        var parts = what.Split('|');
        try
        {
            Act(parts[0], parts[1]).GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            Console.WriteLine(e.GetType().Name + ": " + e.Message);
        }

        Environment.Exit(0);
    }

    static async Task Act(string act, string path)
    {
        if (act == "turn")
        {
            using var queue = new WriteQueue(path, TimeSpan.FromMinutes(1), TimeProvider.System);
            await queue.TakeAsync(CancellationToken.None);
            Console.WriteLine("has it");
            Console.ReadLine();
            return;
        }

        await using var store = new SqliteStore(new(path, TimeSpan.FromSeconds(15)), TimeProvider.System);
        await store.OpenAsync("tests", CancellationToken.None);
        if (act == "notify")
        {
            // Each notification is answered by a notification, so that the test can measure the round trip.
            store.Notifier.Answer("other", () => new NodeInfo
            {
                Id = "other",
                Pid = Environment.ProcessId,
                Host = "here",
                Role = "standby",
                Sentence = "",
                StartedAt = DateTimeOffset.UnixEpoch,
                LastSeen = DateTimeOffset.UnixEpoch,
                Version = "1",
                Scope = "",
            });
            using var listening = store.Notifier.Subscribe(notification =>
            {
                if (notification.Signal == StoreSignal.Work) store.Notifier.Notify(new(StoreSignal.Probe));
            });
            Console.WriteLine("listens");
            Console.ReadLine();
            return;
        }

        Console.WriteLine("opened");
    }

    static ProcessStartInfo Command(string act, string path, string? user)
    {
        var start = new ProcessStartInfo { RedirectStandardOutput = true, RedirectStandardInput = true, RedirectStandardError = true };
        start.Environment[Variable] = act + "|" + path;
        if (user is null)
        {
            start.FileName = Environment.ProcessPath!;
        }
        else
        {
            start.FileName = "/usr/bin/setpriv";
            foreach (var word in (string[])["--reuid", user, "--regid", "65534", "--clear-groups", Environment.ProcessPath!])
            {
                start.ArgumentList.Add(word);
            }

            start.Environment["HOME"] = "/tmp";
        }

        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
        {
            start.ArgumentList.Add(typeof(OtherProcess).Assembly.Location);
        }

        return start;
    }

    /// <summary>Returns the output of the process, which runs as another user.</summary>
    public static async Task<string> RunAsync(string act, string path)
    {
        // The copy is in a folder that the unprivileged user may read.
        var copy = Directory.CreateTempSubdirectory("escapement-other-").FullName;
        try
        {
            foreach (var file in Directory.GetFiles(AppContext.BaseDirectory)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "runtimes"), "*.so",
                SearchOption.AllDirectories))
            {
                if (file.Contains("linux-" + System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString()
                    .ToLowerInvariant() + "/", StringComparison.Ordinal))
                {
                    File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
                }
            }

            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(copy, (UnixFileMode)0b111_101_101);
            var start = Command(act, path, User);
            start.ArgumentList[5] = Path.Combine(copy, Path.GetFileName(Environment.ProcessPath!));
            if (start.ArgumentList.Count > 6)
            {
                start.ArgumentList[6] = Path.Combine(copy, Path.GetFileName(typeof(OtherProcess).Assembly.Location));
            }

            using var process = Process.Start(start)!;
            var said = await process.StandardOutput.ReadToEndAsync();
            return said + await process.StandardError.ReadToEndAsync();
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    /// <summary>Starts the process and waits for its first line.</summary>
    public static async Task<OtherProcess> StartAsync(string act, string path)
    {
        var process = Process.Start(Command(act, path, null))!;
        var line = await process.StandardOutput.ReadLineAsync();
        return line is not null ? new(process) : throw new InvalidOperationException(await process.StandardError.ReadToEndAsync());
    }

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Stops the process and waits until the system has stopped the process. Works only on Linux.</summary>
    public Task StopAsync()
    {
        Signal("STOP");
        return Until.HoldsAsync(() => File.ReadAllText($"/proc/{Pid}/stat").Contains(") T ", StringComparison.Ordinal),
            $"process {Pid} is stopped");
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
