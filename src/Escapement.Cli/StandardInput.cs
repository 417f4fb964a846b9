using System.Runtime.InteropServices;

namespace Escapement.Cli;

/// <summary>Opens standard input as a stream with an end.</summary>
static partial class StandardInput
{
    const int GetDescriptorFlags = 1, CloseOnExec = 1;

    /// <exception cref="FormatException">The program was started without standard input.</exception>
    public static Stream Open()
    {
        // If standard input is closed, the runtime's first own file gets descriptor 0, and reading from this file
        // never ends. Inherited
        // descriptors never have the close-on-exec flag, but the runtime's files do.
        if (!OperatingSystem.IsWindows() && fcntl(0, GetDescriptorFlags) is var flags && (flags < 0 || (flags & CloseOnExec) != 0))
            throw new FormatException("stdin: it is closed. Give a file, or pass the input through a pipe.");
        return Console.OpenStandardInput();
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int fcntl(int descriptor, int command);
}
