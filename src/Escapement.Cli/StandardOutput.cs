using Microsoft.Win32.SafeHandles;

namespace Escapement.Cli;

/// <summary>Standard output as a stream that says when its reader has gone.</summary>
static class StandardOutput
{
    // EPIPE on Linux and macOS; ERROR_BROKEN_PIPE and ERROR_NO_DATA on Windows.
    static readonly int[] ClosedPipe = OperatingSystem.IsWindows() ? [unchecked((int)0x8007006D), unchecked((int)0x800700E8)] : [32];

    /// <summary>Unbuffered. On Unix not the console's own stream: that drops in silence what a closed pipe does not take, and the tool would never end.</summary>
    public static Stream Open() => OperatingSystem.IsWindows()
        ? Console.OpenStandardOutput()
        : new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);

    public static bool IsClosedPipe(IOException failure) => ClosedPipe.Contains(failure.HResult);
}
