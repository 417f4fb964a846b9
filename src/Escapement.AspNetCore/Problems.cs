using System.Text.RegularExpressions;
using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Stores;
using Escapement.Triggers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Escapement.AspNetCore;

/// <summary>An error response: problem details (RFC 9457) with APScheduler's <c>error_message</c>.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Sentence">The error, and the remedy.</param>
sealed record Problem(int Status, string Sentence) : IResult
{
    /// <summary>The reason's code, or null if no rule decided.</summary>
    public Reason? Reason { get; init; }

    /// <summary>The address of the run concerned, or null.</summary>
    public string? Run { get; init; }

    /// <summary>The maximum length of a sentence in characters. A body may have thousands of faults, and an exception
    /// any length.</summary>
    const int MaxSentence = 2_000;

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var sentence = Printable.Shown(Sentence, MaxSentence - 1);
        if (Run is not null) httpContext.Response.Headers.Location = Run;
        return new JsonAnswer(
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("title", ReasonPhrases.GetReasonPhrase(Status));
                writer.WriteNumber("status", Status);
                writer.WriteString("detail", sentence);
                writer.WriteString("error_message", sentence);
                if (Reason is { } reason) writer.WriteString("reason", OutcomeWords.Of(reason));
                if (Run is not null) writer.WriteString("run", Run);
                writer.WriteEndObject();
            },
            Status, "application/problem+json").ExecuteAsync(httpContext);
    }
}

/// <summary>Rejects a request with a problem.</summary>
sealed class RefusedException(Problem problem) : Exception(problem.Sentence)
{
    /// <summary>The problem of the request.</summary>
    public Problem Problem { get; } = problem;
}

/// <summary>All sentences of responses with status 400 and above, and the status for each exception.</summary>
static partial class Problems
{
    public static Problem JobNotFound(string job) => new(404, $"Job {Printable.Shown(job, JobId.MaxLength)} not found");

    public static Problem RunNotFound(string run) => new(404, $"Run {Printable.Shown(run)} not found");

    public static Problem RunDeleted { get; } = new(404,
        "The run of this key has ended, and the retention has deleted the run. The key is still taken. Use another key to run the job again.");

    public static Problem AddressNotFound(string address, string? nearest, string root, IReadOnlyList<string> known) => new(404,
        $"There is no address {Printable.Shown(address)}.{(nearest is null ? "" : $" Did you mean {Printable.Shown(nearest, JobId.MaxLength)}?")} Below {root} there are {string.Join(", ", known.Where(pattern => pattern is not ""))}.");

    public static Problem MethodNotAllowed(string method, string address, IReadOnlyList<string> allowed) =>
        new(405, $"{Printable.Shown(method)} is not a method of {Printable.Shown(address)}; it has {string.Join(", ", allowed)}.");

    public static Problem AlreadyRunning { get; } = new(400, "Scheduler is already running");

    public static Problem NotRunning { get; } = new(400, "Scheduler is not running");

    public static Problem TooLarge(int limit) => new(413, $"The body is larger than {limit / 1024} KiB, which is the most that is read.");

    public static Problem NotJson(string why) => new(400, $"The body is not JSON: {why}");

    public static Problem NotAnObject(string kind) =>
        new(400, $"The body is a JSON {kind}; an object is allowed, such as {{\"id\": \"hello\", \"func\": \"jobs:hello\"}}.");

    public static Problem BodyNotRead(string shown) =>
        new(400, $"The body is {shown}; this address reads none. Leave it out, or send {{}}.");

    public static Problem Missing(string field, string what) => new(400, $"{field} is missing; {what}.");

    public static Problem Field(string name, string shown, string allowed) => new(400, $"{Printable.Shown(name)} is {shown}; {allowed}.");

    public static Problem UnknownParameter(string name, string? nearest, IReadOnlyList<string> known) => new(400,
        $"'{name}' is not a query parameter of this address.{(nearest is null ? "" : $" Did you mean {nearest}?")} It takes {(known is [] ? "none" : string.Join(", ", known))}.");

    public static Problem IdCannotChange(JobId job, JobId wanted) =>
        new(400, $"id is {wanted}, and the id of job {job} cannot change. Add a job {wanted} and remove this one.");

    public static Problem Unaddressable(string id) => new(400, $"id is '{id}', which no address can name. Give it another character.");

    public static Problem DotSegment(string sent) => new(400,
        $"The address {Printable.Shown(sent, JobId.MaxLength)} has the part '.' or '..', which shortens an address. Give the whole address.");

    public static Problem NothingToReplace(JobId job) =>
        new(412, $"There is no job {job}, so it is at none of the versions in If-Match. Leave If-Match out to add the job.");

    public static Problem TriggerStays { get; } =
        new(400, "trigger is null; a job's trigger can be replaced and not taken away. Pause the job, or add one without a trigger under another id.");

    public static Problem Changed(JobId job) => new(412, new JobChangedException(job).Message);

    public static Problem OnlyLocal(string seen) => new(403,
        $"This API answers only requests from this machine itself, and {seen}. To open it, set SCHEDULER_AUTH, or call RequireAuthorization on what MapEscapement returns.");

    public static Problem OtherSite(string origin) =>
        new(403, $"A page of another site ({Printable.Shown(origin)}) asks for this change. It is refused; only pages of this site may.");

    public static Problem HandlerThrew(string? error, string run) =>
        new(500, $"The handler failed{(string.IsNullOrEmpty(error) ? "" : $": {TypeName().Replace(error, "", 1)}")}") { Run = run };

    public static Problem RunWithoutSuccess(Reason? reason, Outcome outcome, string run) =>
        new(503, reason is { } why && Enum.IsDefined(why)
            ? ReasonText.Of(why)
            : $"The run has ended and is {OutcomeWords.Of(outcome)}.")
        { Reason = reason, Run = run };

    public static Problem NotBegun(string why, Reason? reason, string run) =>
        new(503, ReasonText.RunNotBegun(why)) { Reason = reason, Run = run };

    public static Problem NoActive(string why) => new(503, $"{ReasonText.NoActive()} {why}") { Reason = Reason.NoActiveNode };

    /// <summary>Returns the response for an unexpected error. The details are in the log only.</summary>
    public static Problem Unexpected(NodeName node) =>
        new(500, $"The request failed because of an unexpected error. See the log of process {node.Pid} on {node.Host}.");

    /// <summary>Returns the problem for an exception, or null if the exception is unexpected.</summary>
    public static Problem? Of(Exception exception) => exception switch
    {
        RefusedException e => e.Problem,
        JobExistsException or JobPausedException => new(409, exception.Message),
        JobChangedException e => Changed(e.Job),
        HandlerNotFoundException or ArgumentMismatchException or FormatException or BackfillRefusedException or SpanTooLongException =>
            new(400, exception.Message),
        ArgumentOutOfRangeException { ParamName: "until" } e => new(400, FirstSentences(e)),
        StoreUnavailableException or StoreRefusedException => new(503, exception.Message) { Reason = Reason.StoreUnavailable },
        BadHttpRequestException e =>
            new(e.StatusCode, e.StatusCode == 413 ? TooLarge(RequestBody.Limit).Sentence : "The request could not be read to its end."),
        _ => null,
    };

    // .NET appends the parameter and the value, for programmers.
    static string FirstSentences(ArgumentException e) => e.Message.Split(" (Parameter '")[0];

    // The ledger keeps the exception with its type. A caller of the API gets the message only.
    [GeneratedRegex(@"^[\w`.+]+: ")]
    private static partial Regex TypeName();
}
