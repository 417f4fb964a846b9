using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Escapement.AspNetCore.Workers;

/// <summary>A hold on one process, and never on another that comes to have its number: Linux's pidfd.</summary>
sealed partial class PidHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    const int NoSuchProcess = 3;

    // The same numbers on every architecture. The system call, because older C libraries have no wrapper.
    const nint PidfdSendSignal = 424;
    const nint PidfdOpen = 434;

    PidHandle(nint descriptor) : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>Takes hold of a process.</summary>
    /// <param name="pid">Its number; the caller makes sure that it was not reaped before this call.</param>
    /// <exception cref="Win32Exception">There is no such process, or the kernel has no pidfd (Linux 5.3 has).</exception>
    public static PidHandle Open(int pid) =>
        SystemCall(PidfdOpen, pid, 0, 0, 0) is >= 0 and var descriptor
            ? new(descriptor)
            : throw new Win32Exception(Marshal.GetLastPInvokeError());

    /// <summary>Whether the kernel has what it takes: asked with this process's own number.</summary>
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

    /// <summary>Sends a signal. A process that has ended is left in peace.</summary>
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
            // It has ended, and nobody holds it any more.
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

/// <summary>The signals that a worker gets, by their Linux numbers.</summary>
enum Signal
{
    /// <summary>End at once.</summary>
    Kill = 9,

    /// <summary>Finish and end.</summary>
    Terminate = 15,
}
