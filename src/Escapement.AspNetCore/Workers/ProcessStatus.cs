namespace Escapement.AspNetCore.Workers;

/// <summary>The kernel's view of a process.</summary>
/// <param name="State"><c>T</c> stopped, <c>t</c> stopped by a debugger, <c>Z</c> ended and not yet reaped. All further
/// states are running states.</param>
/// <param name="Tracer">The pid of the tracing process, or 0.</param>
readonly record struct ProcessStatus(char State, int Tracer)
{
    /// <summary>Reads the status from <c>/proc</c>.</summary>
    /// <returns>The status, or the status of an ended process if the process does not exist.</returns>
    public static ProcessStatus Of(int pid)
    {
        try
        {
            return Parse(File.ReadLines($"/proc/{pid}/status"));
        }
        catch (IOException)
        {
            return new('Z', 0);
        }
    }

    /// <summary>True if the process was stopped (<c>kill -STOP</c>).</summary>
    public bool IsStopped => State == 'T';

    /// <summary>True if a debugger or a dump writer holds the process, so that its silence proves nothing.</summary>
    public bool IsTraced => Tracer != 0 || State == 't';

    /// <summary>Parses the lines of <c>/proc/PID/status</c>.</summary>
    public static ProcessStatus Parse(IEnumerable<string> lines)
    {
        var status = new ProcessStatus('Z', 0);
        foreach (var line in lines)
        {
            if (line.StartsWith("State:", StringComparison.Ordinal)
                && line[6..].Trim() is [var state, ..])
            {
                status = status with { State = state };
            }
            else if (line.StartsWith("TracerPid:", StringComparison.Ordinal)
                && int.TryParse(line.AsSpan(10), out var tracer))
            {
                status = status with { Tracer = tracer };
            }
        }

        return status;
    }
}
