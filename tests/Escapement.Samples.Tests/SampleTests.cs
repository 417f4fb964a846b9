using System.Text.Json;
using System.Text.RegularExpressions;
using Escapement;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Data.Sqlite;

namespace Samples.Tests;

/// <summary>The programs of a newcomer run as their comments say, and are short.</summary>
public sealed partial class SampleTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("escapement-samples-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("Worker", 20)]
    [InlineData("Orders", 30)]
    [InlineData("FlaskPort", 18)]
    public void A_program_is_short(string name, int limit) =>
        Assert.InRange(Directory.EnumerateFiles(Sample.Folder(name), "*.cs").Sum(file => Sample.CodeLines(file).Count()), 1, limit);

    [Fact]
    public void The_integration_test_is_short() =>
        Assert.InRange(Sample.CodeLines(Path.Combine(Sample.Tests, "OrderTests.cs")).Count(line => !line.StartsWith("using ",
            StringComparison.Ordinal) && !line.StartsWith("namespace ", StringComparison.Ordinal)), 1, 15);

    [Fact]
    public async Task The_worker_removes_expired_carts()
    {
        await using var worker = Sample.Start("Worker", folder);
        await worker.ShownAsync(new("0 expired carts removed"));
        await using (SqliteConnection shop = new($"Data Source={folder}/shop.db;Pooling=false"))
        {
            await shop.OpenAsync(TestContext.Current.CancellationToken);
            await using var insert = shop.CreateCommand();
            insert.CommandText = "INSERT INTO Carts (Expires) VALUES ('2001-01-01'), ('2001-01-02'), ('9001-01-01')";
            await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await worker.ShownAsync(new("2 expired carts removed"));
        Assert.Equal(0, await worker.StopAsync());
    }

    [Fact]
    public async Task The_orders_program_sends_a_mail_and_answers_its_outcome()
    {
        await using var orders = Sample.Start("Orders", folder, "--urls", "http://127.0.0.1:0");
        using var http = await ClientAsync(orders);
        var confirmed = await http.PostAsync("/orders/7/confirm?to=ada@example.org", null, TestContext.Current.CancellationToken);
        var run = JsonElement.Parse(await confirmed.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).GetProperty("id");
        await orders.ShownAsync(new("Mail to ada@example.org: Order 7"));
        Assert.Contains("\"state\":", await http.GetStringAsync($"/mails/{run.GetString()}", TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
        Assert.Equal(0, await orders.StopAsync());
    }

    [Fact]
    public async Task The_port_runs_the_jobs_of_its_settings_and_answers_its_old_routes()
    {
        File.Copy(Path.Combine(Sample.Folder("FlaskPort"), "appsettings.json"), Path.Combine(folder, "appsettings.json"));
        await using var port = Sample.Start("FlaskPort", folder, "--urls", "http://127.0.0.1:0");
        using var http = await ClientAsync(port);
        await port.ShownAsync(new(@"1 \+ 2 = 3"));
        var job = JsonElement.Parse(await http.GetStringAsync("/scheduler/jobs/report", TestContext.Current.CancellationToken));
        Assert.Equal(("jobs:report", "mon-fri", 3),
            (job.GetProperty("func").GetString(), job.GetProperty("day_of_week").GetString(), job.GetProperty("max_instances").GetInt32()));
        Assert.True(File.Exists(Path.Combine(folder, "flask_context.db")));
        Assert.Equal(0, await port.StopAsync());
    }

    [Fact]
    public async Task An_integration_test_leaves_no_file_in_the_content_root()
    {
        await using OrdersProgram program = new();
        await using var elsewhere = program.WithWebHostBuilder(builder => builder.UseContentRoot(folder));
        using var client = elsewhere.CreateClient();
        var confirmed = await client.PostAsync("/orders/7/confirm?to=ada@example.org", null, TestContext.Current.CancellationToken);
        Assert.True(confirmed.IsSuccessStatusCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    static async Task<HttpClient> ClientAsync(BackgroundProgram program) =>
        new() { BaseAddress = new((await program.ShownAsync(Address)).Groups[1].Value) };

    [GeneratedRegex("Now listening on: (http://.*)")]
    private static partial Regex Address { get; }
}
