using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Escapement.Workers.Tests;

public sealed class ServingTests
{
    [Fact]
    public async Task Requests_are_spread_over_all_workers_and_each_knows_nothing_of_being_one()
    {
        await using var launched = await LaunchedServer.ServeAsync(LaunchedServer.Plain, workers: 3, "--more", "words");
        var answers = new Dictionary<int, int>();
        for (var at = 0; at < 300 && answers.Count < 3; at++)
        {
            using var http = new HttpClient();
            var pid = await http.GetFromJsonAsync<int>(new Uri(launched.Url, "/pid"));
            answers[pid] = answers.GetValueOrDefault(pid) + 1;
        }

        Assert.Equal(launched.Workers.Order(), answers.Keys.Order());

        using var client = new HttpClient();
        Assert.Equal(["--urls", "http://127.0.0.1:0", "--more", "words"],
            await client.GetFromJsonAsync<List<string>>(new Uri(launched.Url, "/args")));
        var variables = await client.GetFromJsonAsync<string[]>(new Uri(launched.Url, "/environment"));
        Assert.DoesNotContain(variables!, name =>
            name.StartsWith("ESCAPEMENT_", StringComparison.Ordinal) || name.Contains("HOSTINGSTARTUP", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_address_that_another_process_has_is_refused_in_one_sentence()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var url = $"http://{other.LocalEndpoint}";
        await using var launched = LaunchedServer.Start(LaunchedServer.Plain, "--workers", "3", "--urls", url);
        Assert.Equal(1, await launched.EndAsync());
        Assert.Equal($"Another process already listens on {url}. Stop that process, or set another address with --urls.", launched.Output);
    }

    [Fact]
    public async Task Another_launcher_at_the_same_address_is_refused_too()
    {
        await using var first = await LaunchedServer.ServeAsync(LaunchedServer.Plain, workers: 1);
        await using var second = LaunchedServer.Start(LaunchedServer.Plain, "--workers", "1", "--urls",
            first.Url.GetLeftPart(UriPartial.Authority));
        Assert.Equal(1, await second.EndAsync());
        Assert.Contains("Another process already listens", second.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://203.0.113.7:5080", "does not have the address")]
    [InlineData("http://unix:/tmp/x.sock", "cannot share")]
    [InlineData("nonsense", "is not a valid listen address")]
    [InlineData("ftp://127.0.0.1:5080", "begins with http:// or https://")]
    [InlineData("https://127.0.0.1:0", "Set a certificate with Kestrel:Certificates:Default:Path")]
    public async Task An_address_that_cannot_be_had_is_refused_in_one_sentence(string url, string said)
    {
        await using var launched = LaunchedServer.Start(LaunchedServer.Plain, "--workers", "2", "--urls", url);
        Assert.Equal(1, await launched.EndAsync());
        Assert.Contains(said, launched.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', launched.Output);
    }

    [Fact]
    public async Task A_certificate_in_the_settings_is_found_before_the_workers_start()
    {
        var file = Path.GetTempFileName();
        try
        {
            using (var key = ECDsa.Create())
            using (var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256)
                .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue))
            {
                await File.WriteAllBytesAsync(file, certificate.Export(X509ContentType.Pfx, "secret"),
                    TestContext.Current.CancellationToken);
            }

            string[] words = ["--workers", "1", "--urls", "https://127.0.0.1:0", "--Kestrel:Certificates:Default:Path", file,
                "--Kestrel:Certificates:Default:Password"];
            await using (var launched = LaunchedServer.Start(LaunchedServer.Plain, [.. words, "secret"]))
            {
                var serving = await launched.LineAsync(LauncherEvent.Serving);
                Assert.StartsWith("https://127.0.0.1:", serving.Url, StringComparison.Ordinal);
                Assert.Single(serving.Workers);
            }

            await using var refused = LaunchedServer.Start(LaunchedServer.Plain, [.. words, "wrong"]);

            Assert.Equal(1, await refused.EndAsync());
            Assert.Contains("https://127.0.0.1", refused.Output, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refused.Output);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_wrong_number_of_workers_ends_with_2_and_a_sentence()
    {
        await using var launched = LaunchedServer.Start(LaunchedServer.Plain, "--workers", "0");
        Assert.Equal(2, await launched.EndAsync());
        Assert.Equal("'0' is not a number of workers: --workers takes a whole number from 1 to 64.", launched.Output);
    }

    [Fact]
    public async Task A_setting_that_cannot_be_read_ends_with_1_and_its_sentence()
    {
        await using var launched = LaunchedServer.Start(LaunchedServer.Plain, "SCHEDULER_LEASE=soon", "--workers", "2");
        Assert.Equal(1, await launched.EndAsync());
        Assert.Contains("SCHEDULER_LEASE", launched.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", launched.Output, StringComparison.Ordinal);
    }
}
