namespace Escapement.AspNetCore.Workers;

/// <summary>Checks whether workers answer.</summary>
sealed class WorkerProbe(TimeProvider clock) : IDisposable
{
    // A new connection for each probe, because accepting connections is the tested property.
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

    /// <summary>Returns true if any response arrives in time.</summary>
    /// <param name="worker">The worker's own address.</param>
    /// <param name="limit">The maximum wait for a response.</param>
    /// <param name="cancellationToken">Cancels the probe.</param>
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
