namespace Escapement.Triggers;

/// <summary>A text is not the name of a time zone. The message names the nearest one.</summary>
public sealed class ZoneNameException : FormatException
{
    /// <summary>Makes the message.</summary>
    public ZoneNameException(string name, string problem, string? nearest)
        : base($"'{name}' {problem}. {(nearest is null ? "Give a name as in the IANA time zone data, for example Europe/Berlin." : $"Did you mean {nearest}?")}")
    {
        Name = name;
        Nearest = nearest;
    }

    /// <summary>What was given.</summary>
    public string Name { get; }

    /// <summary>The name that comes nearest; null when none is near.</summary>
    public string? Nearest { get; }
}
