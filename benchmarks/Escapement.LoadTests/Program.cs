using System.Globalization;
using Escapement.LoadTests;

return args switch
{
    ["kill", .. var rest] => await KillAsync(Number(rest, 50)),
    ["add", .. var rest] => await AddAsync(Number(rest, 200)),
    ["leave", .. var rest] => await StepDownAsync(Number(rest, 20)),
    ["starve", .. var rest] => await StarveAsync(Number(rest, 200)),
    ["store", .. var rest] => await StoreAsync(Number(rest, 1000)),
    ["trim", .. var rest] => await TrimAsync(Number(rest, 5_000_000)),
    ["turn", .. var rest] => await TurnAsync(Number(rest, 100)),
    ["why", .. var rest] => await WhyAsync(Number(rest, 20)),
    ["starve-busy", var folder, var how] => await StarveTrial.BusyAsync(folder, how == "queue"),
    _ => Help(),
};

static int Number(string[] rest, int otherwise) =>
    rest is [var text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : otherwise;

static int Help()
{
    Console.Error.WriteLine("""
        kill [50]    kill -9 of the active process so many times, under 100 jobs a second
        add [200]    a job for "now" through a standby so many times, also while the active one is saturated
        leave [20]   a graceful stop of the active process while it has a run of so many seconds
        starve [200] a write so many times beside a process that commits batches of 100 back to back, and the same with SQLite's own waiting
        store [1000] claims and records of 500, 100 and 1 runs so many times, without an engine
        trim [5000000] so many old runs are deleted beside claims and records
        turn [100]   a write so long as so many jobs come, are changed, claimed and go whose triggers take long to ask, and the same with plain ones
        why [20]     why, so many times, over 30 days of a job that fires each second, and over a year of a job that fires each minute
        """);
    return 2;
}

static async Task<int> StoreAsync(int rounds)
{
    var folder = Directory.CreateTempSubdirectory("escapement-store-").FullName;
    foreach (var jobs in (int[])[500, 100, 1])
    {
        var result = await StoreTrial.RunAsync(folder, jobs, rounds);
        Console.WriteLine($"{jobs} runs at once: {result.Runs / result.Took.TotalSeconds:N0} runs a second");
        Console.WriteLine(Figures.Line("  claim", result.Claim));
        Console.WriteLine(Figures.Line("  record", result.Record));
    }

    Directory.Delete(folder, recursive: true);
    return 0;
}

static async Task<int> TrimAsync(int rows)
{
    var folder = Directory.CreateTempSubdirectory("escapement-trim-").FullName;
    Console.WriteLine(Figures.Line("the disk's own flush", Enumerable.Range(0, 50).Select(_ => Figures.Flush(folder)).ToList()));
    var result = await TrimTrial.RunAsync(folder, rows);
    Console.WriteLine(Figures.Line("a claim before the deletion", result.Alone));
    Console.WriteLine(Figures.Line($"a claim while {rows:N0} old runs are deleted ({result.Took.TotalSeconds:0} s)", result.Beside));
    Console.WriteLine(Figures.Line("a record, before and meanwhile", result.Records));
    Directory.Delete(folder, recursive: true);
    return result.Left == 0 ? 0 : 1;
}

static async Task<int> TurnAsync(int jobs)
{
    var folder = Directory.CreateTempSubdirectory("escapement-turn-").FullName;
    await TurnTrial.RunAsync(Directory.CreateDirectory(Path.Combine(folder, "warm-up")).FullName, jobs, hostile: false);
    foreach (var hostile in (bool[])[false, true])
    {
        var result = await TurnTrial.RunAsync(folder, jobs, hostile);
        Console.WriteLine($"{jobs} jobs, {(hostile ? "triggers that take long to ask" : "plain triggers")}: {result.Changes} changes, {result.Claims} claims, {result.Slow} jobs passed over and prepared");
        Console.WriteLine(Figures.Line("  a write beside them", result.Writes));
    }

    Directory.Delete(folder, recursive: true);
    return 0;
}

static async Task<int> WhyAsync(int times)
{
    foreach (var (interval, runs, what) in new[] { (TimeSpan.FromSeconds(1), 2_592_000L, "each second for 30 days"), (TimeSpan.FromMinutes(1), 525_600L, "each minute for a year") })
    {
        var folder = Directory.CreateTempSubdirectory("escapement-why-").FullName;
        foreach (var (store, measure) in new (string, Func<Task<WhyTrial.Result>>)[]
        {
            ("SQLite", () => WhyTrial.SqliteAsync(folder, interval, runs, times)), ("memory", () => WhyTrial.MemoryAsync(interval, runs, times)),
        })
        {
            var result = await measure();
            Console.WriteLine($"{store}, {what}: {result.Account} {result.Allocated / 1024.0:N0} KB allocated by an answer");
            Console.WriteLine(Figures.Line("  why", result.Took));
            Console.WriteLine(Figures.Line("  processor time", result.Processor));
        }

        Directory.Delete(folder, recursive: true);
    }

    return 0;
}

static async Task<int> KillAsync(int times)
{
    var folder = Directory.CreateTempSubdirectory("escapement-kill-").FullName;
    var result = await KillTrial.RunAsync(folder, times, load: 100, Console.WriteLine);
    Console.WriteLine(Figures.Line("the disk's own flush", result.Flush));
    Console.WriteLine(Figures.Line("kill to the next epoch", result.ToEpoch));
    Console.WriteLine(Figures.Line("kill to its first claim", result.ToClaim));
    Console.WriteLine(Figures.Line("  without the wait for the next fire time", result.Ours));
    Console.WriteLine(result.Account);
    foreach (var lost in result.Account.Unaccounted.Concat(result.Account.StartedTwice).Take(10)) Console.WriteLine(lost);
    Directory.Delete(folder, recursive: true);
    return result.Account.Balances ? 0 : 1;
}

static async Task<int> AddAsync(int tries)
{
    foreach (var busy in (int[])[0, 400])
    {
        var folder = Directory.CreateTempSubdirectory("escapement-add-").FullName;
        var (start, flush) = await AddTrial.RunAsync(folder, tries, warmUp: 20, busy);
        Console.WriteLine(busy == 0 ? "The active process is idle:" : $"The active process is saturated ({busy} jobs each 50 ms):");
        Console.WriteLine(Figures.Line("  the disk's own flush", flush));
        Console.WriteLine(Figures.Line("  POST through a standby to the handler's start", start));
        Directory.Delete(folder, recursive: true);
    }

    return 0;
}

static async Task<int> StarveAsync(int times)
{
    var folder = Directory.CreateTempSubdirectory("escapement-starve-").FullName;
    List<double> flush = [.. Enumerable.Range(0, 50).Select(_ => Figures.Flush(folder))];
    Console.WriteLine(Figures.Line("the disk's own flush", flush));
    var (queued, batches) = await StarveTrial.RunAsync(folder, times, queue: true);
    Console.WriteLine(Figures.Line($"a write beside a busy writer ({batches:0} batches/s)", queued));
    var (slept, plain) = await StarveTrial.RunAsync(folder, times, queue: false);
    Console.WriteLine(Figures.Line($"  with SQLite's own waiting ({plain:0} batches/s), at most 25 s long", slept));
    Directory.Delete(folder, recursive: true);
    return 0;
}

static async Task<int> StepDownAsync(int seconds)
{
    var folder = Directory.CreateTempSubdirectory("escapement-leave-").FullName;
    var result = await LeaveTrial.RunAsync(folder, seconds, load: 100);
    Console.WriteLine(Figures.Line("lateness of the others' fire times after the signal", result.Lateness));
    Console.WriteLine($"the long run: {result.LongRun.Outcome}, {(result.LongRun.FinishedAt - result.LongRun.StartedAt)?.TotalSeconds:0.0} s, recorded by {result.LongRun.Node} (owner {result.Owner}); overlapped: {result.Overlapped}");
    Console.WriteLine(result.Account);
    Directory.Delete(folder, recursive: true);
    return result.Account.Balances && !result.Overlapped && result.LongRun.Node == result.Owner ? 0 : 1;
}
