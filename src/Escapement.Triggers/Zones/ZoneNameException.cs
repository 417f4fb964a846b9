namespace Escapement.Triggers;

/// <summary>The exception for a text that is not the name of a time zone. The message names the nearest zone.</summary>
public sealed class ZoneNameException : FormatException
{
    /// <summary>Makes the message.</summary>
    public ZoneNameException(string name, string problem, string? nearest)
        : this(name, problem, nearest, nearest is null
            ? "Give a name as in the IANA time zone data, for example Europe/Berlin."
            : $"Did you mean {nearest}?")
    {
    }

    internal ZoneNameException(string name, string problem, string? nearest, string advice)
        : base($"'{Printable.Shown(name)}' {problem}. {advice}")
    {
        (Problem, Advice) = (problem, advice);
        Name = name;
        Nearest = nearest;
    }

    internal string Problem { get; }

    internal string Advice { get; }

    /// <summary>The name as given.</summary>
    public string Name { get; }

    /// <summary>The nearest name, or null if no name is near.</summary>
    public string? Nearest { get; }
}
