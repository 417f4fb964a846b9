using System.Collections;
using Escapement.Core.Tests.Rules;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Core.Tests.Ledger;

/// <summary>The cost of an audit of many jobs.</summary>
public sealed class AuditCostTests
{
    [Fact]
    public void The_layers_are_read_as_often_for_many_jobs_as_for_two() => Assert.Equal(Reads(2), Reads(50));

    /// <summary>Returns how often an audit reads all pauses and all runs.</summary>
    static (int Pauses, int Runs) Reads(int jobs)
    {
        List<Job> all = [.. Enumerable.Range(1, jobs).Select(number => Arrange.Job(Arrange.Every(10)) with { Id = JobId.Parse($"j{number}") })];
        Counted<ScopedPause> pauses = new([.. all.Select(job => new ScopedPause
        {
            Scope = PauseScope.Job, Name = job.Id.Value, Pause = new() { At = Arrange.At(5), Action = 1 }, Ended = Arrange.At(25),
        })]);
        Counted<Run> runs = new([]);
        LedgerPart part = new()
        {
            Jobs = [.. all.Select((job, place) => Arrange.Stored(job, next: 100) with { Number = place + 1 })],
            Runs = runs,
            Entries = [.. all.SelectMany(job => new[] { Entry(job, 10, 20, Reason.Coalesced), Entry(job, 40, 50, Reason.MaxInstancesReached) })],
            Actions = [],
            Definitions = [.. all.Select(job => new DefinitionSpan { Job = job, Version = 1, From = Arrange.At(0) })],
            Pauses = pauses,
            Epochs = [],
            Marks = [],
            State = new(),
            At = Arrange.At(90),
        };
        LedgerReading reading = new(null, Arrange.At(0), Arrange.At(80), TestContext.Current.CancellationToken);
        reading.Judge(part.Answer(reading.Query, spans => [.. spans.Select(_ => default(RunCount))], _ => []));
        var report = Audit.Of(reading, Language.English);
        Assert.Equal(4 * jobs, report.Account.Skipped);
        return (pauses.Reads, runs.Reads);
    }

    static Entry Entry(Job job, double first, double last, Reason reason) =>
        new() { Job = job.Id, First = Arrange.At(first), Last = Arrange.At(last), Reason = reason, Change = 1 };

    sealed class Counted<T>(IReadOnlyList<T> items) : IReadOnlyList<T>
    {
        public int Reads { get; private set; }

        public int Count => items.Count;

        public T this[int index] => items[index];

        public IEnumerator<T> GetEnumerator()
        {
            Reads++;
            return items.GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
