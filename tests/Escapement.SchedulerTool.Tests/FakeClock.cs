using System.Globalization;

namespace Escapement.SchedulerTool.Tests;

/// <summary>A wall clock for separate processes, which is set while the processes run. The monotonic clock and the clock of
/// the machine stay as they are.</summary>
/// <remarks>The library libfaketime reads the offset from a file at each reading of the clock.</remarks>
sealed class FakeClock
{
    readonly string file;

    public FakeClock(string file)
    {
        this.file = file;
        Offset = TimeSpan.Zero;
    }

    /// <summary>The difference between the wall clock of the processes and the clock of the machine.</summary>
    public TimeSpan Offset
    {
        get;
        set
        {
            field = value;

            // A process must not read a file that is half written.
            File.WriteAllText(file + ".new", string.Create(CultureInfo.InvariantCulture, $"{value.TotalSeconds:+0;-0;+0}"));
            File.Move(file + ".new", file, overwrite: true);
        }
    }

    /// <summary>The variables of a process with this clock.</summary>
    public Dictionary<string, string> Environment => new()
    {
        // The loader replaces $LIB by the folder for the machine's processor.
        ["LD_PRELOAD"] = "/usr/$LIB/faketime/libfaketimeMT.so.1",
        ["FAKETIME_TIMESTAMP_FILE"] = file,
        ["FAKETIME_NO_CACHE"] = "1",
        ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        ["NO_FAKE_STAT"] = "1",
    };

    /// <summary>Deletes the shared memory of the library, which a killed process leaves behind.</summary>
    /// <param name="process">The process that loaded the library first.</param>
    public void Forget(int process)
    {
        foreach (var name in (string[])["faketime_shm_", "sem.faketime_sem_"]) File.Delete($"/dev/shm/{name}{process}");
        File.Delete(file);
    }
}
