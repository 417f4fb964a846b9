using Microsoft.Win32.SafeHandles;

namespace Escapement.Cli;

/// <summary>Standard output as a stream that says when its reader has gone.</summary>
static class StandardOutput
{
    // EPIPE on Linux and macOS; ERROR_BROKEN_PIPE and ERROR_NO_DATA on Windows.
    static readonly int[] ClosedPipe = OperatingSystem.IsWindows() ? [unchecked((int)0x8007006D), unchecked((int)0x800700E8)] : [32];

    /// <summary>Unbuffered.</summary>
    public static Stream Open()
    {
        if (OperatingSystem.IsWindows()) return Console.OpenStandardOutput();

        // The console's own stream drops in silence what a closed pipe does not take, and the tool would never end.
        var stream = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        if (!stream.CanSeek) return stream;

        // A file that other programs write to as well: this stream would count its place in it by itself, and write over theirs.
        stream.Dispose();
        return Console.OpenStandardOutput();
    }

    public static bool IsClosedPipe(IOException failure) => ClosedPipe.Contains(failure.HResult);
}
