namespace Escapement.Testing;

/// <summary>The calls of handlers and the requests of a test, in their order.</summary>
sealed class TestRecord
{
    readonly Lock gate = new();
    readonly List<TestRun> runs = [];
    readonly List<TestRequest> requests = [];

    public void Add(TestRun run)
    {
        lock (gate) runs.Add(run);
    }

    public void Add(TestRequest request)
    {
        lock (gate) requests.Add(request);
    }

    public IReadOnlyList<TestRun> RunsOf(string job)
    {
        lock (gate) return [.. runs.Where(run => run.Job == job)];
    }

    public IReadOnlyList<TestRequest> RequestsOf(string job)
    {
        lock (gate) return [.. requests.Where(request => request.Job == job)];
    }

    public IReadOnlyList<TestRun> Runs
    {
        get
        {
            lock (gate) return [.. runs];
        }
    }

    /// <summary>Returns the last attempt of a run if its handler has ended, or null.</summary>
    public TestRun? Ended(Jobs.RunId id)
    {
        lock (gate) return runs.FindLast(run => run.Run == id) is { EndedAt: not null } ended ? ended : null;
    }
}
