using System.Globalization;
using System.Text.RegularExpressions;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Testing.Stores;
using Escapement.Triggers;

namespace Escapement.Planted;

/// <summary>A ledger in SQL tables, whose rows a test changes by hand.</summary>
public abstract partial class PlantedLedger : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    static readonly CancellationToken None = CancellationToken.None;

    public ManualClock Clock { get; } = new(Start);

    public IJobStore Store { get; private set; } = null!;

    public abstract ValueTask DisposeAsync();

    /// <summary>Opens a store on the ledger.</summary>
    public abstract Task<IJobStore> OpenAsync(TimeProvider clock);

    /// <summary>Runs statements without a store.</summary>
    /// <returns>The number of changed rows.</returns>
    protected abstract Task<int> ExecuteAsync(string sql);

    /// <summary>The column of the table <c>due</c> with the watermark.</summary>
    public abstract string Watermark { get; }

    public async Task OpenAsync() => Store = await OpenAsync(Clock);

    /// <summary>Returns the answer about the job "j".</summary>
    public Task<WhyReport> WhyAsync() => Store.WhyAsync(JobId.Parse("j"), Start, Start.AddSeconds(1000), Language.English, None);

    /// <summary>Fills the ledger: a job that runs, misses three fire times between two processes, is moved and has its trigger
    /// changed.</summary>
    public async Task PrepareAsync()
    {
        await OpenAsync();
        await Store.ChangeAsync(new() { Jobs = [Adding("j", new IntervalTrigger(TimeSpan.FromSeconds(10), Start, ZoneClock.Utc))] }, None);
        var first = await BeginAsync("a", null);
        foreach (var second in (double[])[0, 10, 20]) await WorkAsync("a", first, second);
        MoveTo(22);
        await Store.LookAsync(new Sign.Heartbeat("a", first), None);
        MoveTo(52);
        var next = await BeginAsync("b", (await Store.LookAsync(Sign.None, None)).Newest);
        foreach (var second in (double[])[52, 60, 70]) await WorkAsync("b", next, second);
        await Store.ChangeAsync(new() { Jobs = [JobEdits.Change(JobId.Parse("j"), job => job, next: Start.AddSeconds(100))] }, None);
        await WorkAsync("b", next, 100);
        MoveTo(105);
        await Store.ChangeAsync(new()
        {
            Jobs =
            [
                JobEdits.Change(JobId.Parse("j"), job => job with
                {
                    Trigger = new IntervalTrigger(TimeSpan.FromSeconds(20), Start, ZoneClock.Utc),
                }),
            ],
        }, None);
        foreach (var second in (double[])[120, 140, 160]) await WorkAsync("b", next, second);
        MoveTo(165);
    }

    public static JobEdit Adding(string id, Trigger trigger) => JobEdits.Add(new Job
    {
        Id = JobId.Parse(id),
        Name = id,
        Handler = "work",
        Trigger = trigger,
        Options = new() { MisfireGrace = MisfireGrace.Of(TimeSpan.FromSeconds(1)) },
    });

    public async Task<long> BeginAsync(string node, Epoch? newest) => (await Store.ChangeEpochsAsync(new()
    {
        Begin = new(node, 4711, "web-1", Start, null),
        WithLock = true,
        Newest = EpochSeen.Of(newest),
        Ends = newest is { Ended: null } ? [(EpochSeen.Of(newest), EpochEnd.ProcessGone)] : [],
    }, None)).Begun!.Number;

    async Task WorkAsync(string node, long epoch, double second)
    {
        MoveTo(second);
        var claimed = await ClaimAsync(node, epoch);
        await Store.RecordAsync([.. claimed.Runs.Select(run => new Finished
        {
            Id = run.Id, Node = node, Epoch = epoch, Attempt = run.Attempt, StartedAt = Clock.GetUtcNow(), FinishedAt = Clock.GetUtcNow(),
            Outcome = Outcome.Succeeded,
        })]);
    }

    public Task<Claimed> ClaimAsync(string node, long epoch) => Store.ClaimAsync(new()
    {
        Node = node,
        Epoch = epoch,
        Handlers = new HashSet<string> { "work" },
        FreePlaces = new Dictionary<string, int> { [JobOptions.Default] = 10 },
        GraceLimit = TimeSpan.FromHours(24),
    }, None);

    public void MoveTo(double second) => Clock.Move(Start.AddSeconds(second) - Clock.GetUtcNow());

    public Task<AuditReport> AuditAsync() => Store.AuditAsync(Start, Start.AddSeconds(1000), Language.English, None);

    /// <summary>Runs a statement in which <c>{10}</c> stands for the microseconds of 10 s after the start, and
    /// <c>{watermark} = 0</c> for a change of the watermark.</summary>
    public async Task ChangeAsync(string sql) => Assert.NotEqual(0, await ExecuteAsync(Second().Replace(
        Moved().Replace(sql, found => Moving(found.Groups[1].Value)), found => Micros(found).ToString(CultureInfo.InvariantCulture))));

    /// <summary>Returns the assignments that change the watermark in the table <c>due</c>.</summary>
    protected virtual string Moving(string value) => $"{Watermark} = {value}";

    /// <summary>Returns the microseconds of a match of <see cref="Second"/>.</summary>
    public static long Micros(Match found) =>
        Start.AddSeconds(int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture)).ToMicros();

    [GeneratedRegex(@"\{watermark\} = ([^ ,]+)")]
    private static partial Regex Moved();

    [GeneratedRegex(@"\{(\d+)\}")]
    public static partial Regex Second();
}
