using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;

namespace Escapement.Core.Tests.Rules;

/// <summary>Builds the jobs, states and claims of the rules' tests. Instants are seconds after a start.</summary>
static class Arrange
{
    public static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly TimeSpan GraceLimit = TimeSpan.FromHours(24);
    public static readonly JobId Id = JobId.Parse("j");

    public static DateTimeOffset At(double seconds) => Start.AddMicroseconds(Math.Round(seconds * 1e6));

    public static long Micros(double seconds) => At(seconds).ToMicros();

    public static double Seconds(DateTimeOffset instant) => (instant - Start).TotalSeconds;

    public static double? Seconds(DateTimeOffset? instant) => instant is { } at ? Seconds(at) : null;

    public static Trigger Every(double seconds, double? end = null) =>
        new IntervalTrigger(TimeSpan.FromSeconds(seconds), Start, ZoneClock.Utc, end is { } last ? At(last) : null);

    public static MisfireGrace GraceOf(double seconds) => MisfireGrace.Of(TimeSpan.FromMicroseconds(Math.Round(seconds * 1e6)));

    public static Job Job(Trigger? trigger, MisfireGrace? grace = null, bool coalesce = true, int? most = 1) => new()
    {
        Id = Id,
        Name = "j",
        Handler = "work",
        Trigger = trigger,
        Options = new() { MisfireGrace = grace ?? GraceOf(1), Coalesce = coalesce, MaxInstances = most },
    };

    public static JobState State(double? next = 0, int running = 0, double? last = null) =>
        new(next is { } at ? Micros(at) : JobState.Never, last is { } fireTime ? Micros(fireTime) : JobState.Nothing, running, 1);

    public static StoredJob Stored(Job job, double? next = 0, int running = 0, double? last = null, PauseRecord? paused = null) =>
        new() { Job = job, Number = 1, Version = 1, State = State(next, running, last), Paused = paused };

    public static ClaimContext Claim(double now, params DelayCause[] causes) => new(At(now), GraceLimit, causes);

    public static DelayCause Cause(Reason reason, double from, double to, string? executor = null, long? action = null) =>
        new(reason, At(from), At(to), executor, action);

    /// <summary>Decides like a store, and answers the rule's question about the fire times that ran.</summary>
    public static Decision Decided(StoredJob stored, ClaimContext context, params double[] ran)
    {
        var decision = Decide.Due(stored, stored.State, context, RanTimes.Unread);
        return decision.Lookups.Count == 0
            ? decision
            : Decide.Due(stored, stored.State, context, Ran([.. decision.Lookups.Select(Seconds).Intersect(ran)]));
    }

    public static RanTimes Ran(params double[] ran) => new([.. ran.Select(Micros).Order()]);

    public static List<double> Runs(Decision decision) =>
        [.. (decision.Run is { } run ? [run] : Array.Empty<DateTimeOffset>()).Concat(decision.Behind).Select(Seconds)];

    public static List<(double First, double Last, Reason Reason)> Shown(IEnumerable<Skipped> skipped) =>
        [.. skipped.Select(stretch => (Seconds(stretch.First), Seconds(stretch.Last), stretch.Reason))];

    public static List<(double First, double Last, Reason Reason)> Shown(ReadOnlySpan<(int Unit, Entry Entry, Entry? Replaces)> entries)
    {
        List<(double, double, Reason)> shown = [];
        foreach (var (_, entry, _) in entries) shown.Add((Seconds(entry.First), Seconds(entry.Last), entry.Reason));
        return shown;
    }

    public static ClaimRequest Request(int places = 10, params (string Executor, int Places)[] more) => new()
    {
        Node = "a",
        Epoch = 1,
        Handlers = new HashSet<string> { "work" },
        FreePlaces = new Dictionary<string,
        int>([new("default", places), .. more.Select(place => KeyValuePair.Create(place.Executor, place.Places))]),
        GraceLimit = GraceLimit,
    };

    public static ClaimPlan Plan(double now, ClaimRequest? request = null, SchedulerState? state = null, params DelayCause[] downtimes)
    {
        var plan = new ClaimPlan();
        plan.Begin(At(now), request ?? Request(), state ?? new(), downtimes);
        return plan;
    }

    public static WaitingRun Waiting(double fireTime, double? due = null, long number = 0, long job = 1) =>
        new() { Id = new(Micros(fireTime), job, number), Due = Micros(due ?? fireTime) };

    public static Epoch Epoch(long number, double begun, double? ended = null, EpochEnd? how = null, string node = "a") => new()
    {
        Number = number,
        Node = new(node, 1, "h", Start, null),
        Begun = At(begun),
        WithLock = true,
        Heartbeat = 5,
        LastSign = At(ended ?? begun),
        Ended = ended is { } end ? At(end) : null,
        How = how,
    };
}
