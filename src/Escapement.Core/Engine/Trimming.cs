using Escapement.Stores;

namespace Escapement.Engine;

/// <summary>Deletes what is older than the retention, once an hour, beside the beats of an active node.</summary>
/// <remarks>Not after the wall clock jumped forward: by a clock that is wrong by more than the retention, all history is old.</remarks>
sealed class Trimming(NodeContext context, ClockWatch clocks)
{
    static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    long? trimmed;

    /// <summary>The deletion under way, or the last one.</summary>
    public Task UnderWay { get; private set; } = Task.CompletedTask;

    /// <summary>Begins to delete if an hour has passed.</summary>
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

                // At most half of the time is taken from the claims: each part is a write transaction.
                var taken = context.Clock.GetElapsedTime(begun);
                await Task.Yield();
                if (taken > TimeSpan.Zero) await Task.Delay(taken, context.Clock, cancellationToken);
            }

            trimmed = context.Clock.GetTimestamp();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The next activation goes on.
        }
        catch (StoreUnavailableException)
        {
            // The beats tell of it; the next one tries again.
        }
        catch (Exception e)
        {
            trimmed = context.Clock.GetTimestamp();
            Log.TrimFailed(context.Log, Failure.MessageOf(e));
        }
    }
}
