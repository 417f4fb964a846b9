namespace Escapement.Ledger;

/// <summary>Finds the record with the highest rank that covers an instant. The instants ascend.</summary>
sealed class Cover<T>
    where T : class
{
    readonly List<(long From, long To, long Rank, T? Value)> records;
    readonly PriorityQueue<(long To, T? Value), long> open = new();
    int next;

    /// <param name="records">The records in any order, each with its inclusive beginning, its exclusive end and its
    /// rank.</param>
    public Cover(IEnumerable<(long From, long To, long Rank, T? Value)> records)
    {
        this.records = [.. records.Where(record => record.From < record.To)];
        this.records.Sort(static (a, b) => a.From.CompareTo(b.From));
    }

    /// <summary>Returns the record with the highest rank at an instant, or null. A record without a value hides
    /// records of lower rank.</summary>
    /// <param name="instant">The instant, not before the instant of the previous call.</param>
    public T? At(long instant)
    {
        while (next < records.Count && records[next].From <= instant)
        {
            open.Enqueue((records[next].To, records[next].Value), -records[next].Rank);
            next++;
        }

        while (open.TryPeek(out var top, out _) && top.To <= instant) open.Dequeue();
        return open.TryPeek(out var found, out _) ? found.Value : null;
    }

    /// <summary>Adds the beginnings and ends inside a span.</summary>
    public void AddBorders(SortedSet<long> borders, long from, long to)
    {
        foreach (var record in records)
        {
            if (record.From > from && record.From < to) borders.Add(record.From);
            if (record.To > from && record.To < to) borders.Add(record.To);
        }
    }
}
