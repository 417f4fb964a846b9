using Escapement.Jobs;
using Escapement.Stores;
using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>Names the job that was probably meant by an unknown id, for the REST API and for the tool.</summary>
public static class UnknownJob
{
    /// <summary>The maximum number of jobs that are compared with the unknown id, those with the next fire times.</summary>
    const int MaxJobs = 1_000;

    const int MaxDistance = 3;

    /// <summary>Returns the sentence of <see cref="JobNotFoundException"/>, followed by the nearest id if an id is near.</summary>
    /// <param name="store">The store.</param>
    /// <param name="missing">The unknown id.</param>
    /// <param name="cancellationToken">The cancellation token.</param>
    public static async Task<string> SentenceAsync(IJobStore store, JobId missing, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        var sentence = new JobNotFoundException(missing).Message;
        try
        {
            var known = (await store.JobsAsync(new() { Limit = MaxJobs }, cancellationToken)).Jobs.Select(stored => stored.Job.Id.Value);
            return Suggestion.Nearest(missing.Value, known, MaxDistance) is { } nearest ? $"{sentence}. Did you mean {nearest}?" : sentence;
        }
        catch (Exception)
        {
            // A suggestion that cannot be made must not replace the answer.
            return sentence;
        }
    }
}
