using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Escapement.AspNetCore.Workers;

/// <summary>A handle of a single process that never refers to a later process with the same pid: Linux's
/// pidfd.</summary>
sealed partial class PidHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    const int NoSuchProcess = 3;

    // The numbers are the same on every architecture. The raw system call, because older C libraries have no
    // wrapper.
    const nint PidfdSendSignal = 424;
    const nint PidfdOpen = 434;

    PidHandle(nint descriptor) : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>Opens a process.</summary>
    /// <param name="pid">The process id. The caller must ensure that the process was not reaped before this
    /// call.</param>
    /// <exception cref="Win32Exception">No such process exists, or the kernel has no pidfd (Linux 5.3 or
    /// newer).</exception>
    public static PidHandle Open(int pid) =>
        SystemCall(PidfdOpen, pid, 0, 0, 0) is >= 0 and var descriptor
            ? new(descriptor)
            : throw new Win32Exception(Marshal.GetLastPInvokeError());

    /// <summary>Returns true if the kernel supports pidfd. Tested with this process's own pid.</summary>
    public static bool IsSupported()
    {
        try
        {
            Open(Environment.ProcessId).Dispose();
            return true;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Sends a signal. Does nothing if the process has ended.</summary>
    /// <exception cref="Win32Exception">The signal is not allowed.</exception>
    public void Send(Signal signal)
    {
        try
        {
            if (SystemCall(PidfdSendSignal, this, (nint)signal, 0, 0) < 0
                && Marshal.GetLastPInvokeError() is var error and not NoSuchProcess)
            {
                throw new Win32Exception(error);
            }
        }
        catch (ObjectDisposedException)
        {
            // The process has ended, and its handle is closed.
        }
    }

    protected override bool ReleaseHandle() => Close((int)handle) == 0;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third, nint fourth);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, PidHandle process, nint second, nint third, nint fourth);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}

/// <summary>The signals sent to workers, by their Linux numbers.</summary>
enum Signal
{
    /// <summary>Ends the process at once.</summary>
    Kill = 9,

    /// <summary>Requests the process to finish and end.</summary>
    Terminate = 15,
}
