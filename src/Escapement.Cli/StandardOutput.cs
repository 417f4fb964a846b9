using Microsoft.Win32.SafeHandles;

namespace Escapement.Cli;

/// <summary>Opens standard output as a stream that reports a closed pipe.</summary>
static class StandardOutput
{
    // EPIPE on Linux and macOS. ERROR_BROKEN_PIPE and ERROR_NO_DATA on Windows.
    static readonly int[] ClosedPipe = OperatingSystem.IsWindows() ? [unchecked((int)0x8007006D), unchecked((int)0x800700E8)] : [32];

    /// <summary>Opens an unbuffered stream.</summary>
    public static Stream Open()
    {
        if (OperatingSystem.IsWindows()) return Console.OpenStandardOutput();

        // The console's own stream silently ignores a closed pipe, and the tool would never end.
        var stream = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        if (!stream.CanSeek) return stream;

        // For a regular file, a FileStream would keep its own position and overwrite the output of other programs.
        stream.Dispose();
        return Console.OpenStandardOutput();
    }

    public static bool IsClosedPipe(IOException failure) => ClosedPipe.Contains(failure.HResult);
}
