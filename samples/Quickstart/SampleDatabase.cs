using Microsoft.Data.Sqlite;

namespace Quickstart;

/// <summary>The sample's own database, independent of the scheduler's store.</summary>
sealed class SampleDatabase
{
    // Instants are milliseconds since 1970.
    const string Schema = """
        create table if not exists samples(
            at integer primary key, load real, memory_used integer not null, memory_total integer not null, disk_used integer not null, disk_total integer not null) strict;
        """;

    const string Insert = """
        insert into samples(at, load, memory_used, memory_total, disk_used, disk_total) values ($at, $load, $memory_used, $memory_total, $disk_used, $disk_total)
        on conflict(at) do nothing
        """;

    const string Remove = "delete from samples where at < $before";

    const string Summary = """
        select count(*), min(load), avg(load), max(load), min(memory_used), avg(memory_used), max(memory_used), min(disk_used), avg(disk_used), max(disk_used)
        from samples where at > $after and at <= $until
        """;

    readonly DataFolder data;
    readonly Lazy<string> source;

    public SampleDatabase(DataFolder data)
    {
        this.data = data;
        source = new(Create);
    }

    /// <summary>Inserts a sample, unless a sample of the same instant exists, and deletes old samples.</summary>
    public void Add(Sample sample, DateTimeOffset forgetBefore)
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction();
        Execute(connection, Insert, ("$at", sample.At.ToUnixTimeMilliseconds()), ("$load", sample.Load),
            ("$memory_used", sample.MemoryUsed),
            ("$memory_total", sample.MemoryTotal), ("$disk_used", sample.DiskUsed), ("$disk_total", sample.DiskTotal));
        Execute(connection, Remove, ("$before", forgetBefore.ToUnixTimeMilliseconds()));
        transaction.Commit();
    }

    /// <summary>Returns the statistics of a time span.</summary>
    /// <param name="after">The exclusive start.</param>
    /// <param name="until">The inclusive end.</param>
    public SampleSummary Summarize(DateTimeOffset after, DateTimeOffset until)
    {
        using var connection = Open();
        using var command = Command(connection, Summary, ("$after", after.ToUnixTimeMilliseconds()),
            ("$until", until.ToUnixTimeMilliseconds()));
        using var row = command.ExecuteReader();
        row.Read();
        return new(after, until, row.GetInt64(0), Figures(1), Figures(4), Figures(7));

        Figures? Figures(int at) => row.IsDBNull(at) ? null : new(row.GetDouble(at), row.GetDouble(at + 1), row.GetDouble(at + 2));
    }

    /// <summary>Copies the database while in use. Copying the files would give an inconsistent copy, and would drop
    /// this process's locks.</summary>
    public void BackUpTo(SqliteConnection copy)
    {
        using var connection = Open();
        connection.BackupDatabase(copy);
    }

    SqliteConnection Open()
    {
        var connection = new SqliteConnection(source.Value);
        connection.Open();
        return connection;
    }

    string Create()
    {
        var text = new SqliteConnectionStringBuilder { DataSource = data.PathOf("samples.db") }.ToString();
        using var connection = new SqliteConnection(text);
        connection.Open();

        // In WAL mode readers do not wait for the writer.
        Execute(connection, "pragma journal_mode = wal");
        Execute(connection, Schema);
        return text;
    }

    static void Execute(SqliteConnection connection, string statement, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        using var command = Command(connection, statement, values);
        command.ExecuteNonQuery();
    }

    static SqliteCommand Command(SqliteConnection connection, string statement, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = statement;
        foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }
}

/// <summary>The statistics of a time span.</summary>
sealed record SampleSummary(DateTimeOffset After, DateTimeOffset Until, long Samples, Figures? Load, Figures? MemoryUsed,
    Figures? DiskUsed);

/// <summary>Minimum, mean and maximum of a measurement.</summary>
sealed record Figures(double Min, double Mean, double Max);
