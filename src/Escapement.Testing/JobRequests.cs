using System.Globalization;

namespace Escapement.Testing;

/// <summary>The requested runs of a job in a test: what a program asked for, and expectations about it. Each expectation that
/// does not hold throws <see cref="SchedulerTestException"/> with the difference.</summary>
public sealed class JobRequests
{
    readonly string subject;

    internal JobRequests(string job, IReadOnlyList<TestRequest> all) => (subject, All) = ($"Job '{job}'", all);

    /// <summary>The requests in their order, with those of a taken key.</summary>
    public IReadOnlyList<TestRequest> All { get; }

    /// <summary>Expects a request with exactly these arguments.</summary>
    /// <param name="arguments">An object with the arguments as members, such as <c>new { orderId = 17 }</c>, a dictionary, or
    /// <see cref="JobArguments"/>.</param>
    /// <exception cref="SchedulerTestException">No request has these arguments.</exception>
    public JobRequests With(object arguments)
    {
        Expectation.Arguments(subject, arguments, [.. All.Select(request => request.Arguments)]);
        return this;
    }

    /// <summary>Expects a number of requests.</summary>
    /// <param name="count">The number, from zero. Each request counts, also with a taken key.</param>
    /// <exception cref="SchedulerTestException">The job was requested more or less often.</exception>
    public JobRequests Times(int count)
    {
        if (All.Count == count) return this;
        throw new SchedulerTestException(string.Create(CultureInfo.InvariantCulture,
            $"{subject} was asked to run {Often(All.Count)}, and was expected to be asked {Often(count)}."));

        static string Often(int count) => count == 1 ? "once" : string.Create(CultureInfo.InvariantCulture, $"{count} times");
    }

    /// <summary>Expects a single request.</summary>
    /// <exception cref="SchedulerTestException">The job was requested more or less often.</exception>
    public JobRequests Once() => Times(1);

    /// <summary>Expects no request.</summary>
    /// <exception cref="SchedulerTestException">The job was requested.</exception>
    public JobRequests Never() => Times(0);
}
