namespace Escapement.AspNetCore.Workers;

/// <summary>Asks workers whether they live.</summary>
sealed class WorkerProbe(TimeProvider clock) : IDisposable
{
    // A connection for each ask: whether new ones are taken is the question.
    readonly HttpClient client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.Zero
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Whether any answer comes in time.</summary>
    /// <param name="worker">The worker's own address.</param>
    /// <param name="limit">How long to wait for it.</param>
    /// <param name="cancellationToken">The answer is no longer wanted.</param>
    public async Task<bool> AnswersAsync(Uri worker, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(limit, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            using var answer = await client.GetAsync(new Uri(worker, WorkerStartup.AlivePath), HttpCompletionOption.ResponseHeadersRead,
                both.Token);
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    public void Dispose() => client.Dispose();
}
