using System.Globalization;
using Escapement.PostgreSql.Benchmarks;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
return args switch
{
    // The processes of the trials.
    ["store", var connection, var node] => await StoreNode.RunAsync(connection, node),
    ["engine", var connection, var jobs, var how, var lease] =>
        await EngineNode.RunAsync(connection, Number(jobs), how == "spread", Number(lease)),
    ["hangfire", var connection, var workers] => await HangfireNode.RunAsync(connection, Number(workers)),
    ["quartz", var connection, var node, var threads] => await QuartzNode.RunAsync(connection, node, Number(threads)),

    ["throughput", var folder, .. var rest, "alone"] => await WithServerAsync(folder, server =>
        ThroughputTrial.RunAsync(server, TimeSpan.FromSeconds(Only(rest, 20)), withPeers: false)),
    ["throughput", var folder, .. var rest] => await WithServerAsync(folder, server =>
        ThroughputTrial.RunAsync(server, TimeSpan.FromSeconds(Only(rest, 20)), withPeers: true)),
    ["lateness", var folder, var seconds, var further] => await WithServerAsync(folder, server =>
        LatenessTrial.RunAsync(server, TimeSpan.FromSeconds(Number(seconds)), Number(further))),
    ["lateness", var folder, .. var rest] => await WithServerAsync(folder, server =>
        LatenessTrial.RunAsync(server, TimeSpan.FromSeconds(Only(rest, 60)))),
    ["idle", var folder, .. var rest] => await WithServerAsync(folder, server =>
        IdleTrial.RunAsync(server, TimeSpan.FromSeconds(Only(rest, 60))), IdleTrial.Settings),
    ["settle", var folder, .. var rest] => await WithServerAsync(folder, server => SettleTrial.RunAsync(server, Only(rest, 100))),
    ["pressure", var folder, .. var rest] => await WithServerAsync(folder, server =>
        PressureTrial.RunAsync(server, TimeSpan.FromSeconds(Only(rest, 120)))),
    ["scale", var folder, .. var rest, var only] when ScaleTrial.Tables.Contains(only) => await ScaleAsync(folder, rest, only),
    ["scale", var folder, .. var rest] => await ScaleAsync(folder, rest, null),
    _ => Help(),
};

static Task<int> ScaleAsync(string folder, string[] rest, string? only) => WithServerAsync(folder, server => ScaleTrial.RunAsync(
    server, folder, TimeSpan.FromSeconds(First(rest, 10)), rest is [_, var rows] ? Number(rows) : 10_000_000, only));

static int First(string[] rest, int otherwise) => rest is [var text, ..] ? Number(text) : otherwise;

static int Only(string[] rest, int otherwise) => rest is [var text] ? Number(text) : otherwise;

static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
    ? number
    : throw new ArgumentException($"'{text}' is not a whole number.");

static async Task<int> WithServerAsync(string folder, Func<Server, Task> trial, params string[] settings)
{
    await using var server = await Server.StartAsync(Path.GetFullPath(folder), settings);
    await trial(server);
    return 0;
}

static int Help()
{
    Console.Error.WriteLine("""
        Each command starts a PostgreSQL server of its own in a new folder below FOLDER: a folder on a disk, or /dev/shm.

        throughput FOLDER [20]  recorded runs a second with four nodes over so many seconds, and the same with Hangfire.PostgreSql and Quartz;
                                without them if the word alone follows
        lateness FOLDER [60]    lateness of 200 jobs a second with four nodes over so many seconds, spread and all at one instant, and with Quartz.
                                With a second number: without and with so many further jobs, in place of Quartz
        idle FOLDER [60]        statements a second and node over so many seconds when nothing is due
        settle FOLDER [100]     kill -9 of a node with a run so many times, to the recorded outcome of the run
        pressure FOLDER [120]   throughput before, during and after a transaction that is open for so many seconds, and a stop under load
        scale FOLDER [10 [ROWS]]  tables over so many seconds each: more jobs, nodes, runs a second, and up to ROWS rows of history (10000000);
                                a single table if its name follows: jobs, nodes, runs or history
        """);
    return 2;
}
