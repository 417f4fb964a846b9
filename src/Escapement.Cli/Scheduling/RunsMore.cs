namespace Escapement.Cli.Scheduling;

/// <summary>The sentence below a list of runs with a next page.</summary>
static class RunsMore
{
    public const string Sentence = "There are more runs. --limit shows up to 1000, and --until TIME continues before a time.";
}
