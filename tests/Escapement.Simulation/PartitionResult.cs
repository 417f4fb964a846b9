using System.Globalization;
using System.Text;
using Escapement.Ledger;

namespace Escapement.Simulation;

/// <summary>What followed an event, until the next event.</summary>
sealed class PartitionTrace
{
    public required PartitionFault Fault { get; init; }

    /// <summary>The greatest lateness of a first attempt in the partition of the event.</summary>
    public TimeSpan Own { get; private set; }

    /// <summary>The greatest lateness of a first attempt in any other partition, and in any partition after the kill of a node. Fire
    /// times in a pause of all jobs do not count.</summary>
    public TimeSpan Others { get; private set; }

    /// <summary>The pause of all jobs, as requested, or null.</summary>
    public (DateTimeOffset From, DateTimeOffset To)? Paused { get; set; }

    /// <summary>The longest time from the request of a pause or its end to its transaction in a partition.</summary>
    public TimeSpan SlowestChange { get; set; }

    /// <summary>Takes the start of a handler.</summary>
    public void Started(int partition, DateTimeOffset fireTime, TimeSpan lateness)
    {
        if (Fault.Event != PartitionEvent.Kill && partition == Fault.Target) Own = lateness > Own ? lateness : Own;
        else if (!(fireTime >= Paused?.From && fireTime < Paused?.To)) Others = lateness > Others ? lateness : Others;
    }
}

/// <summary>The figures of a simulation with partitions. Lists are by partition, or by node.</summary>
sealed class PartitionResult
{
    public required PartitionPlan Plan { get; init; }

    public required IReadOnlyList<AuditReport> Audits { get; init; }

    /// <summary>The digests of the ledgers.</summary>
    public required IReadOnlyList<string> Digests { get; init; }

    /// <summary>The numbers of jobs.</summary>
    public required IReadOnlyList<int> Jobs { get; init; }

    public required IReadOnlyList<(long[] Idle, long[] Busy)> Counts { get; init; }

    public required IReadOnlyList<long[]> NodeCounts { get; init; }

    public required IReadOnlyList<PartitionTrace> Traces { get; init; }

    /// <summary>The number of started attempts, of attempts that started twice, and of punctual and late first attempts.</summary>
    public required (int Attempts, long Twice, long Punctual, long Late) Starts { get; init; }

    /// <summary>The number of due fire times in all ledgers.</summary>
    public long Due => Audits.Sum(audit => audit.Account.Due);

    /// <summary>The number of partitions whose account balances.</summary>
    public int Balanced => Audits.Count(audit => audit.Account.Balanced && audit.Imbalances.Count == 0);

    /// <summary>The greatest lateness that an event of one partition caused in another, or that the kill of a node caused.</summary>
    public TimeSpan Others => Traces.Max(trace => trace.Others);

    /// <summary>True if each fire time is accounted for once, in its partition.</summary>
    public bool Holds => Starts.Twice == 0 && Due == Plan.FireTimes() && Balanced == Audits.Count && Others == TimeSpan.Zero;

    /// <summary>Returns the figures as text.</summary>
    public string Text()
    {
        StringBuilder text = new();
        var (idle, busy) = ((PartitionPlan.Idle / 2).TotalSeconds, (Plan.Length - PartitionPlan.Idle).TotalSeconds);
        Line($"seed {Plan.Seed}: {Plan.Partitions} partitions, {Plan.Nodes} nodes, {Plan.Servers} nodes for each partition, {Plan.Jobs.Count:N0} jobs, {Plan.Length.TotalHours:0.##} h");
        Line($"jobs of a partition: {Jobs.Min():N0} to {Jobs.Max():N0}, on average {Jobs.Average():N1}");
        var served = Enumerable.Range(0, Plan.Partitions).SelectMany(one => PartitionMap.NodesOf(one, Plan.Nodes, Plan.Servers)).CountBy(node => node);
        Line($"partitions of a node: {served.Min(node => node.Value)} to {served.Max(node => node.Value)}");
        Line($"fire times: {Plan.FireTimes():N0} by the triggers, {Due:N0} in the ledgers of the partitions");
        Line($"account of all: {Sum(account => account.Ran):N0} ran ({Sum(account => account.Unsuccessful):N0} of these not successful), {Sum(account => account.Running):N0} running, {Sum(account => account.Skipped):N0} skipped, {Sum(account => account.Missed):N0} missed; {Balanced} of {Audits.Count} partitions balance");
        Line($"started attempts: {Starts.Attempts:N0}, of these twice: {Starts.Twice:N0}; first attempts at their fire time: {Starts.Punctual:N0}, later: {Starts.Late:N0}");
        Line($"transactions a second and partition, idle: {Rates(Counts.Select(one => one.Idle.Sum()), idle)}; busy: {Rates(Counts.Select(one => one.Busy.Sum()), busy)}");
        Line($"transactions a second and node, idle: {Rates(NodeCounts.Select(one => one[0]), idle)}; busy: {Rates(NodeCounts.Select(one => one[1]), busy)}");
        foreach (var work in Enum.GetValues<PartitionWork>())
        {
            Line($"  {Words(work)} in all partitions, idle: {Counts.Sum(one => one.Idle[(int)work]) / idle:0.0}, busy: {Counts.Sum(one => one.Busy[(int)work]) / busy:0.0} a second");
        }

        foreach (var kind in Traces.GroupBy(trace => trace.Fault.Event))
        {
            var own = kind.Key == PartitionEvent.Kill ? "" : $"in the partition {Seconds(kind.Max(trace => trace.Own))}, in other partitions ";
            var slowest = kind.Key == PartitionEvent.PauseInOutage
                ? $"; the pause reached the last partition after {Seconds(kind.Max(trace => trace.SlowestChange))}" : "";
            Line($"{Words(kind.Key)}, {kind.Count()} times: greatest lateness {own}{Seconds(kind.Max(trace => trace.Others))}{slowest}");
        }

        return text.ToString();

        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));

        long Sum(Func<LedgerAccount, long> of) => Audits.Sum(audit => of(audit.Account));

        static string Seconds(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.###} s");

        static string Rates(IEnumerable<long> counts, double seconds) => string.Create(CultureInfo.InvariantCulture,
            $"{counts.Min() / seconds:0.00} to {counts.Max() / seconds:0.00}");
    }

    static string Words(PartitionWork work) => work switch
    {
        PartitionWork.EmptyClaim => "claims that find nothing",
        PartitionWork.Claim => "claims of runs",
        PartitionWork.Record => "records",
        PartitionWork.Look => "heartbeats and looks",
        _ => "other transactions",
    };

    static string Words(PartitionEvent what) => what switch
    {
        PartitionEvent.Kill => "a node is killed",
        PartitionEvent.Outage => "a partition is out for a minute",
        PartitionEvent.Failover => "a partition fails over",
        _ => "a partition is out for a minute, and all jobs are paused meanwhile",
    };
}
