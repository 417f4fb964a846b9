using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using Escapement.Jobs;
using Escapement.Triggers;

namespace Escapement.Cli.Scheduling;

/// <summary>A scheduler behind the address of its REST API.</summary>
sealed class HttpSource : SchedulerSource
{
    /// <summary>The header of every answer of a scheduler.</summary>
    const string NodeHeader = "Escapement-Node";

    /// <summary>The header of an answer whose list is cut.</summary>
    const string CutHeader = "Escapement-Cut";

    const int MaxAnswer = 64 << 20;

    static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5), AnswerLimit = TimeSpan.FromSeconds(60);

    readonly HttpClient client;
    readonly string root;

    HttpSource(HttpClient client, string root) => (this.client, this.root) = (client, root);

    /// <summary>Opens no connection yet.</summary>
    /// <param name="url">The address of the API. Without a path, <c>/scheduler</c> is added. A user and a password before the
    /// host are sent as basic authentication.</param>
    /// <exception cref="FormatException">The text is not an address.</exception>
    public static HttpSource Open(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new FormatException(
                $"--url: '{Printable.Shown(url)}' is not an address; give one such as http://localhost:5000/scheduler.");
        }

        if (address.Query is not "" || address.Fragment is not "")
        {
            throw new FormatException($"--url: '{Printable.Shown(url)}' has a query or a fragment; give the address of the API alone.");
        }

        var path = address.AbsolutePath.TrimEnd('/');
        HttpClient client = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = ConnectLimit,
            UseProxy = !address.IsLoopback,
        })
        { Timeout = AnswerLimit, MaxResponseContentBufferSize = MaxAnswer };
        if (address.UserInfo is { Length: > 0 } user)
        {
            client.DefaultRequestHeaders.Authorization =
                new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(user))));
        }

        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        return new(client, address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) + (path is "" ? "/scheduler" : path));
    }

    public override string Name => root;

    public override Task<JsonElement> JobsAsync(CancellationToken cancellationToken) => GetAsync("/jobs", [], cancellationToken);

    public override async Task<(JsonElement Runs, string? More)> RunsAsync(RunsRequest request, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Get, "/runs" + Query(
            [.. request.Filters, ("limit", request.Limit.ToString(CultureInfo.InvariantCulture))]), null, cancellationToken);
        return (Expect(answer), answer.HasNext ? More.Of("runs") : null);
    }

    public override async Task<JsonElement?> FindRunAsync(string id, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Get, "/runs/" + Segment("run", id), null, cancellationToken);
        return answer.Status == HttpStatusCode.NotFound ? null : Expect(answer);
    }

    public override Task<JsonElement> NodesAsync(CancellationToken cancellationToken) => GetAsync("/nodes", [], cancellationToken);

    public override async Task<(JsonElement Activations, bool IsCut)> HistoryAsync(SpanRequest span, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Get, "/nodes/history" + Query(Of(span)), null, cancellationToken);
        return (Expect(answer), answer.IsCut);
    }

    public override async Task<bool> IsActiveAsync(CancellationToken cancellationToken) =>
        (await GetAsync("", [], cancellationToken)).TryGetProperty("running", out var running) && running.ValueKind == JsonValueKind.True;

    public override Task<JsonElement> PausesAsync(SpanRequest span, CancellationToken cancellationToken) =>
        GetAsync("/pauses", Of(span), cancellationToken);

    public override async Task<(JsonElement Actions, string? More)> ActionsAsync(
        ActionsRequest request, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Get, "/actions" + Query(
            [
                ("job_id", request.Job), ("since", request.Since), ("until", request.Until),
                ("limit", request.Limit.ToString(CultureInfo.InvariantCulture)),
            ]), null, cancellationToken);
        return (Expect(answer), answer.HasNext ? More.Of("changes") : null);
    }

    public override async Task<JsonElement> SkipAsync(string job, NoteRequest note, CancellationToken cancellationToken) =>
        Expect(await SendAsync(HttpMethod.Post, Job(job) + "/skip", Body([("by", note.By), ("reason", note.Why)]), cancellationToken));

    public override Task<JsonElement> WhyAsync(string job, SpanRequest span, CancellationToken cancellationToken) =>
        GetAsync(Job(job) + "/why", Of(span), cancellationToken);

    public override Task<JsonElement> AuditAsync(SpanRequest span, CancellationToken cancellationToken) =>
        GetAsync("/audit", Of(span), cancellationToken);

    public override async Task<JsonElement> PauseAsync(PauseTarget target, NoteRequest note, CancellationToken cancellationToken) =>
        Expect(await SendAsync(HttpMethod.Post, Path(target) + "/pause",
            Body([("by", note.By), ("reason", note.Why), ("until", note.Until)]), cancellationToken), isEmptyAllowed: true);

    public override async Task<JsonElement> ResumeAsync(PauseTarget target, NoteRequest note, CancellationToken cancellationToken) =>
        Expect(await SendAsync(HttpMethod.Post, Path(target) + "/resume", Body([("by", note.By), ("reason", note.Why)]),
            cancellationToken), isEmptyAllowed: true);

    public override async Task<JsonElement> RunAsync(RunNowRequest request, CancellationToken cancellationToken) =>
        Expect(await SendAsync(HttpMethod.Post, Job(request.Job) + "/run",
            Body([("key", request.Key), ("at", request.At), ("by", request.Note.By), ("reason", request.Note.Why)],
                ("args", request.Args), ("kwargs", request.Kwargs)), cancellationToken, noWait: true));

    public override async Task<JsonElement> BackfillAsync(BackfillRequest request, CancellationToken cancellationToken) =>
        Expect(await SendAsync(HttpMethod.Post, Job(request.Job) + "/backfill",
            Body([("from", request.From), ("to", request.To), ("reason", request.Reasons), ("by", request.Note.By),
                ("why", request.Note.Why)], ("dry_run", request.IsDryRun ? "true" : "false")), cancellationToken));

    static (string, string?)[] Of(SpanRequest span) =>
        [("from", span.From), ("to", span.To), ("lang", span.Language == Language.Chinese ? "zh" : "en")];

    static string Path(PauseTarget target) => target.Kind switch
    {
        "all" => "",
        "job" => Job(target.Name!),
        var kind => $"/{kind}s/{Segment(kind, target.Name!)}",
    };

    static string Job(string id) => "/jobs/" + Segment("job", JobId.Parse(id).Value);

    /// <summary>Returns a name as a part of an address.</summary>
    /// <exception cref="FormatException">The name would shorten the address: <c>/jobs/../pause</c> is <c>/pause</c>, which pauses
    /// everything.</exception>
    static string Segment(string what, string name) => name is "" or "." or ".."
        ? throw new FormatException($"No {what} is named '{name}': no address can name it. Give the name of a {what}.")
        : Uri.EscapeDataString(name);

    static string Query((string Name, string? Value)[] parameters)
    {
        var given = parameters.Where(parameter => parameter.Value is not null)
            .Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(parameter.Value!)}").ToList();
        return given is [] ? "" : "?" + string.Join('&', given);
    }

    static byte[] Body((string Name, string? Value)[] texts, params (string Name, string? Json)[] values)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in texts)
            {
                if (value is not null) writer.WriteString(name, value);
            }

            foreach (var (name, json) in values)
            {
                if (json is null) continue;
                writer.WritePropertyName(name);
                writer.WriteRawValue(json);
            }

            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    async Task<JsonElement> GetAsync(string path, (string, string?)[] query, CancellationToken cancellationToken) =>
        Expect(await SendAsync(HttpMethod.Get, path + Query(query), null, cancellationToken));

    async Task<Answer> SendAsync(HttpMethod method, string path, byte[]? body, CancellationToken cancellationToken, bool noWait = false)
    {
        using HttpRequestMessage request = new(method, root + path);
        if (noWait) request.Headers.Add("Prefer", "respond-async");
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new("application/json");
        }

        try
        {
            using var response = await client.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            return new(response.StatusCode, text, response.Headers.Contains(NodeHeader),
                response.Headers.TryGetValues("Link", out var links) && links.Any(link => link.Contains("rel=\"next\"", StringComparison.Ordinal)),
                response.Headers.Contains(CutHeader));
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw NoAnswer(e.InnerException is TimeoutException
                ? $"no answer within {AnswerLimit.TotalSeconds:0} s" : $"no connection within {ConnectLimit.TotalSeconds:0} s", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw NoAnswer(Cause(e), e);
        }
    }

    static string Cause(Exception failure)
    {
        for (var e = failure; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }: return "connection refused";
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }:
                    return "the name of the host is unknown";
                case AuthenticationException: return $"no secure connection: {e.Message}";
                case SocketException: return e.Message;
            }
        }

        return failure.Message;
    }

    ToolException NoAnswer(string why, Exception cause) => new(ExitCode.NoScheduler,
        $"No scheduler answers at {root}: {why.TrimEnd('.')}. Give its address with --url or in {SourceOptions.Variable}, or its file with --store.",
        cause);

    JsonElement Expect(Answer answer, bool isEmptyAllowed = false)
    {
        if (!answer.IsScheduler)
        {
            throw answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? Denied(answer) : new ToolException(
                ExitCode.NoScheduler,
                $"{root} answers {(int)answer.Status}, and is not a scheduler. The address ends with the prefix of the API, by default /scheduler.");
        }

        if ((int)answer.Status is >= 200 and < 300)
        {
            return isEmptyAllowed && answer.Text.Length == 0 ? default : Parse(answer);
        }

        var sentence = Sentence(answer);
        throw (int)answer.Status switch
        {
            401 or 403 => Denied(answer),
            404 => new ToolException(ExitCode.NotFound, sentence),
            409 or 412 => new ToolException(ExitCode.Changed, sentence),
            >= 500 => new ToolException(ExitCode.NoScheduler, sentence),
            _ => new ToolException(ExitCode.WrongCommandLine, sentence),
        };
    }

    ToolException Denied(Answer answer) => new(ExitCode.NotAllowed, answer.Status == HttpStatusCode.Unauthorized
        ? $"{root} asks for a user and a password: --url http://USER:PASSWORD@HOST/scheduler."
        : Sentence(answer));

    static JsonElement Parse(Answer answer)
    {
        try
        {
            using var json = JsonDocument.Parse(answer.Text);
            return json.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new ToolException(ExitCode.NoScheduler, "The answer is not JSON. A program between the tool and the scheduler may have changed it.", e);
        }
    }

    string Sentence(Answer answer)
    {
        try
        {
            using var json = JsonDocument.Parse(answer.Text);
            if (json.RootElement is { ValueKind: JsonValueKind.Object } problem && problem.TryGetProperty("detail", out var detail)
                && detail.ValueKind == JsonValueKind.String)
            {
                return detail.GetString()!;
            }
        }
        catch (JsonException)
        {
            // The answer of a program in front of the scheduler.
        }

        return $"{root} answers {(int)answer.Status}.";
    }

    public override ValueTask DisposeAsync()
    {
        client.Dispose();
        return default;
    }

    sealed record Answer(HttpStatusCode Status, string Text, bool IsScheduler, bool HasNext, bool IsCut);
}
