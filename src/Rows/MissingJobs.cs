namespace Escapement.Rows;

/// <summary>Names rows that refer to a job without a row in <c>job</c>. A process deletes the row of a job together with all
/// other rows of the job.</summary>
static class MissingJobs
{
    /// <summary>The maximum number of rows of a table of the span that are read only for this purpose.</summary>
    public const int MaxRead = 50_000;

    /// <summary>Collects each missing job once, with the first row in each table.</summary>
    /// <param name="rows">The number of the job, the table, the column that names the row and its value, and an instant of the
    /// row in microseconds since 1970-01-01 UTC.</param>
    /// <param name="checks">Collects the jobs.</param>
    public static void Add(IEnumerable<(long Job, string Table, string Column, long Value, long At)> rows, RowChecks checks)
    {
        foreach (var job in rows.GroupBy(row => row.Job).OrderBy(job => job.Key))
        {
            var found = job.OrderBy(row => row.Table, StringComparer.Ordinal).ToList();
            RowPlace place = new(string.Join(", ", found.Select(row => $"{row.Table}.job")),
                string.Join(", ", found.Select(row => $"{row.Table} {row.Column} {RowChecks.Number(row.Value)}")));
            checks.Add(place, RowChecks.Number(job.Key), "job.number", found.Min(row => row.At));
        }
    }
}
