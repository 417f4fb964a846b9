using Escapement.Rules;

namespace Escapement.PostgreSql;

/// <summary>Where a claim reads rows: a share of the jobs of an executor.</summary>
/// <param name="Executor">The executor.</param>
/// <param name="Share">The share.</param>
/// <param name="Delay">How much later than due the rows are read, in microseconds: 0 for a share of this node.</param>
/// <param name="Most">The maximum number of due rows of each priority.</param>
/// <param name="Later">The number of rows that are not yet due.</param>
readonly record struct ClaimPlace(string Executor, long Share, long Delay, long Most, long Later)
{
    /// <summary>The number of rows that are read in advance of their due time, of each executor, priority and share.</summary>
    const long Ahead = 3;

    /// <summary>The minimum and the maximum number of due rows of an executor, priority and share that are read at once.</summary>
    const long MinRead = 32, MaxRead = ClaimPlan.MaxItems / 4;

    /// <summary>Returns where a claim reads: as many rows of the own shares as fill the free slots, and an eighth more, because some
    /// may be passed over, and some late rows of each other share.</summary>
    /// <param name="request">The request.</param>
    /// <param name="living">The living epochs in order.</param>
    /// <param name="patience">How long a node leaves the due rows of another node's share to that node.</param>
    /// <param name="factor">Multiplies the numbers of rows.</param>
    public static List<ClaimPlace> Of(ClaimRequest request, long[] living, TimeSpan patience, long factor)
    {
        var delays = Delays(request.Epoch, living, patience);
        var own = Math.Max(1, delays.Count(delay => delay == 0));
        List<ClaimPlace> places = [];
        foreach (var (executor, free) in request.FreePlaces)
        {
            if (free <= 0) continue;
            for (var share = 0; share < delays.Length; share++)
            {
                var most = delays[share] == 0 ? (9L * free / (8 * own)) + 1 : free / delays.Length;
                places.Add(new(executor, share, delays[share], factor * Math.Clamp(most, MinRead, MaxRead), factor * Ahead));
            }
        }

        return places;
    }

    /// <summary>Returns how long after their due time this node takes the rows of each share: at once its own, and the later the
    /// further the owner of the share is away in the ring of the living epochs.</summary>
    static long[] Delays(long epoch, long[] living, TimeSpan patience)
    {
        var mine = Math.Max(0, Array.IndexOf(living, epoch));
        var nodes = Math.Max(1, living.Length);
        var delays = new long[PostgreSqlSchema.Shares];
        for (var share = 0; share < delays.Length; share++)
            delays[share] = (mine - (share % nodes) + nodes) % nodes * (patience.Ticks / TimeSpan.TicksPerMicrosecond);
        return delays;
    }
}
