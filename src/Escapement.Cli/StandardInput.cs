using System.Runtime.InteropServices;

namespace Escapement.Cli;

/// <summary>Standard input as a stream that ends.</summary>
static partial class StandardInput
{
    const int GetDescriptorFlags = 1, CloseOnExec = 1;

    /// <exception cref="FormatException">The program was started without one.</exception>
    public static Stream Open()
    {
        // The runtime's own first file then has its number, and to read from that never ends. What was handed over by who started the program is never closed on exec; the runtime's files are.
        if (!OperatingSystem.IsWindows() && fcntl(0, GetDescriptorFlags) is var flags && (flags < 0 || (flags & CloseOnExec) != 0))
            throw new FormatException("stdin: it is closed. Give a file, or pass the input through a pipe.");
        return Console.OpenStandardInput();
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int fcntl(int descriptor, int command);
}
