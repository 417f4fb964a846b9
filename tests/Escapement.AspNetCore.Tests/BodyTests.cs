using System.Text;

namespace Escapement.AspNetCore.Tests;

/// <summary>Tests of unusable bodies. The answer is a client error that names the mistake.</summary>
public class BodyTests
{
    [Theory]
    [InlineData("", "empty")]
    [InlineData("{not json", "line 1")]
    [InlineData("[]", "list")]
    [InlineData("\"text\"", "no object")]
    [InlineData("null", "no object")]
    [InlineData("{\"id\": \"a\", \"id\": \"b\"}", "twice")]
    [InlineData("{\"id\": \"a\", \"func\": \"jobs:hello\", \"kwargs\": {\"x\": 1, \"x\": 2}}", "twice")]
    [InlineData("{\"id\": \"a\", \"func\": \"jobs:hello\", \"args\": [NaN]}", "line 1")]
    [InlineData("{\"id\": \"a\", \"func\": \"jobs:hello\", \"args\": [Infinity]}", "line 1")]
    [InlineData("{\"id\": \"a\",}", "line 1")]
    [InlineData("{\"id\": \"a\"} // comment", "line 1")]
    [InlineData("{\"id\": \"\\ud800\", \"func\": \"jobs:hello\"}", "UTF-8")]
    [InlineData("{\"id\": \"a\", \"func\": \"jobs:hello\", \"args\": [\"\\udfff\"]}", "UTF-8")]
    [InlineData("{\"id\": \"a\", \"func\": \"jobs:hello\", \"trigger\": \"interval\", \"seconds\": 1e400}", "seconds")]
    [InlineData("{\"id\": 5, \"func\": \"jobs:hello\"}", "id is 5")]
    [InlineData("{\"id\": \"a\\u0000\", \"func\": \"jobs:hello\"}", "U+0000")]
    [InlineData("{\"id\": \"..\", \"func\": \"jobs:hello\"}", "no address")]
    [InlineData("{\"id\": \"a\", \"func\": \"jobs:hello\", \"args\": {}}", "args is {}")]
    [InlineData("{\"id\": \"a\", \"func\": \"jobs:hello\", \"colour\": 1}", "colour")]
    [InlineData("{\"id\": \"a\"}", "func is missing")]
    public async Task A_body_that_cannot_be_used_is_a_mistake(string body, string said)
    {
        await using var api = await TestApi.StartAsync();
        var answer = await api.PostAsync("/scheduler/jobs", body);
        Assert.Equal(400, answer.Status);
        Assert.Contains(said, answer.Error, StringComparison.Ordinal);
        Assert.Equal(answer.Error, answer.Text("detail"));
        Assert.Equal("application/problem+json", answer.Headers["Content-Type"]);
        Assert.DoesNotContain("Exception", answer.Body, StringComparison.Ordinal);
        Assert.Equal("[]", (await api.GetAsync("/scheduler/jobs")).Body);
    }

    [Fact]
    public async Task A_body_that_is_not_utf8_is_a_mistake()
    {
        await using var api = await TestApi.StartAsync();
        var bytes = new ByteArrayContent([.. "{\"id\": \"a"u8, 0xFF, .. "\"}"u8]);
        Assert.Contains("UTF-8", (await api.PostAsync("/scheduler/jobs", bytes)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_nested_deeply_is_a_mistake()
    {
        await using var api = await TestApi.StartAsync();
        var deep = $"{{\"id\": \"a\", \"func\": \"jobs:hello\", \"args\": {new string('[', 100_000)}{new string(']', 100_000)}}}";
        var answer = await api.PostAsync("/scheduler/jobs", deep);
        Assert.Equal(400, answer.Status);
        Assert.Contains("64", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_above_a_mebibyte_is_too_large()
    {
        await using var api = await TestApi.StartAsync();
        var large = Body(RequestBody.Limit + 1);
        var answer = await api.PostAsync("/scheduler/jobs", large);
        Assert.Equal(413, answer.Status);
        Assert.Contains("1024 KiB", answer.Error, StringComparison.Ordinal);
        Assert.Equal(413, (await api.PostAsync("/scheduler/jobs", new Chunked(large))).Status);
        Assert.Equal(200, (await api.PostAsync("/scheduler/jobs", Body(RequestBody.Limit))).Status);

        static string Body(int length)
        {
            const string frame = "{\"id\": \"a\", \"func\": \"jobs:hello\", \"trigger\": null, \"args\": [\"\"]}";
            return frame.Replace("\"\"", $"\"{new string('x', length - frame.Length)}\"", StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/octet-stream")]
    public async Task A_body_is_read_as_json_whatever_it_is_called(string type)
    {
        await using var api = await TestApi.StartAsync();
        var body = new StringContent("\uFEFF {\"id\": \"a\", \"func\": \"jobs:hello\", \"trigger\": null} ", Encoding.UTF8, type);
        Assert.Equal(200, (await api.PostAsync("/scheduler/jobs", body)).Status);
    }

    [Theory]
    [InlineData("/pause", "{\"who\": 1}", "there is no such field")]
    [InlineData("/pause", "{\"by\": 1}", "by is 1")]
    [InlineData("/pause", "{\"until\": \"tomorrow\"}", "until is \"tomorrow\"")]
    [InlineData("/pause", "{\"until\": \"2020-01-01\"}", "which is not after")]
    [InlineData("/pause", "[1]", "list")]
    [InlineData("/shutdown", "{\"wait\": \"no\"}", "wait is \"no\"")]
    [InlineData("/shutdown", "{", "not JSON")]
    [InlineData("/jobs/a/pause", "{\"until\": \"2020-01-01\"}", "which is not after")]
    public async Task Options_are_read_strictly(string path, string body, string said)
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = "interval", hours = 1 });
        var answer = await api.PostAsync("/scheduler" + path, body);
        Assert.Equal(400, answer.Status);
        Assert.Contains(said, answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", answer.Error, StringComparison.Ordinal);
        Assert.Equal("True", (await api.GetAsync("/scheduler")).Text("running"));
    }

    sealed class Chunked(string text) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) =>
            stream.WriteAsync(Encoding.UTF8.GetBytes(text)).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
