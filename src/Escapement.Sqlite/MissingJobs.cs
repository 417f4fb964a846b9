namespace Escapement.Sqlite;

/// <summary>Finds rows that refer to a job without a row in <c>job</c>. A process deletes the row of a job together with all
/// other rows of the job.</summary>
static class MissingJobs
{
    /// <summary>The maximum number of rows of a table of the span that are read only for this purpose.</summary>
    const int MaxRead = 50_000;

    /// <summary>Collects each missing job once, with the first row in each table.</summary>
    /// <param name="db">The connection.</param>
    /// <param name="from">The inclusive start of the span in microseconds since 1970.</param>
    /// <param name="to">The exclusive end of the span.</param>
    /// <param name="checks">Collects the jobs.</param>
    public static void Find(SqliteSession db, long from, long to, RowChecks checks)
    {
        SortedDictionary<long, List<(string Table, string Row, long At)>> missing = [];
        var row = db[SqliteStatements.RowsWithoutJob].With(from).With(to).With(MaxRead);
        while (row.Read())
        {
            if (!missing.TryGetValue(row.Long(0), out var rows)) missing.Add(row.Long(0), rows = []);
            rows.Add((row.Text(1), $"{row.Text(1)} {row.Text(2)} {RowChecks.Number(row.Long(3))}", row.Long(4)));
        }

        foreach (var (job, rows) in missing)
        {
            rows.Sort();
            RowPlace place = new(string.Join(", ", rows.Select(found => $"{found.Table}.job")), string.Join(", ", rows.Select(found => found.Row)));
            checks.Add(place, RowChecks.Number(job), "job.number", rows.Min(found => found.At));
        }
    }
}
