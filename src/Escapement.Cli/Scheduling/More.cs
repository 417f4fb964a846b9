namespace Escapement.Cli.Scheduling;

/// <summary>The sentence below a list with a next page.</summary>
static class More
{
    /// <param name="things">The plural of a row, such as <c>runs</c>.</param>
    public static string Of(string things) => $"There are more {things}. --limit shows up to 1000, and --until TIME continues before a time.";
}
