namespace Escapement.AspNetCore.Workers;

/// <summary>What the kernel says of a process.</summary>
/// <param name="State"><c>T</c> stopped, <c>t</c> stopped by a debugger, <c>Z</c> ended and not yet reaped, others go on.</param>
/// <param name="Tracer">The process that traces it; 0 for none.</param>
readonly record struct ProcessStatus(char State, int Tracer)
{
    /// <summary>Reads <c>/proc</c>.</summary>
    /// <returns>A status of an ended process when there is none.</returns>
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

    /// <summary>Whether someone stopped it (<c>kill -STOP</c>).</summary>
    public bool IsStopped => State == 'T';

    /// <summary>Whether a debugger or a writer of dumps holds it: then nobody else may judge it.</summary>
    public bool IsTraced => Tracer != 0 || State == 't';

    /// <summary>Reads the lines of <c>/proc/PID/status</c>.</summary>
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
