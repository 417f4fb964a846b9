using Escapement.Stores;

namespace Escapement.Engine;

/// <summary>Deletes records older than the retention, once an hour, beside the heartbeats of an active node.</summary>
/// <remarks>
/// Nothing is deleted after the wall clock jumped forward, because all history is old by a clock that is wrong by more
/// than the retention.
/// </remarks>
sealed class Trimming(NodeContext context, ClockWatch clocks)
{
    static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    long? trimmed;

    /// <summary>The current deletion, or the last deletion.</summary>
    public Task UnderWay { get; private set; } = Task.CompletedTask;

    /// <summary>Begins the deletion if an hour has passed.</summary>
    public void Begin(CancellationToken cancellationToken)
    {
        if (!UnderWay.IsCompleted || (trimmed is { } at && context.Clock.GetElapsedTime(at) < Pause)) return;
        if (!clocks.JumpedForwardWithin(Pause)) UnderWay = TrimAllAsync(cancellationToken);
    }

    async Task TrimAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested && !clocks.JumpedForwardWithin(Pause))
            {
                var begun = context.Clock.GetTimestamp();
                if (!await context.Store.TrimAsync(context.Clock.GetUtcNow() - context.Settings.Retention, cancellationToken)) break;

                // Takes at most half of the time from the claims, because each part is a write transaction.
                var taken = context.Clock.GetElapsedTime(begun);
                await Task.Yield();
                if (taken > TimeSpan.Zero) await Task.Delay(taken, context.Clock, cancellationToken);
            }

            trimmed = context.Clock.GetTimestamp();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The next activation continues.
        }
        catch (StoreUnavailableException)
        {
            // The heartbeats log the outage. The next deletion tries again.
        }
        catch (Exception e)
        {
            trimmed = context.Clock.GetTimestamp();
            Log.TrimFailed(context.Log, Failure.MessageOf(e));
        }
    }
}
