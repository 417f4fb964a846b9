namespace Quickstart;

/// <summary>The links of the start page.</summary>
static class Links
{
    public const string Page = """
        <!doctype html><title>Quickstart</title>
        <ul>
          <li><a href="/scheduler/jobs">jobs</a>: what is scheduled
          <li><a href="/scheduler/runs?limit=10">runs</a>: what ran
          <li><a href="/scheduler/nodes">nodes</a>: which processes there are, and which one is active
        </ul>
        """;
}
