using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Quickstart;

/// <summary>The job <c>backup</c>: copies the samples database while in use, verifies the copy, and keeps the newest
/// five copies.</summary>
sealed partial class Backups(SampleDatabase database, DataFolder data, ILogger<Backups> log)
{
    const int Kept = 5;
    const string Unfinished = ".new";

    /// <summary>Creates a backup, named after the fire time.</summary>
    public void Make(DateTimeOffset fireTime)
    {
        var folder = Directory.CreateDirectory(data.PathOf("backups"));
        foreach (var left in folder.GetFiles("*" + Unfinished)) left.Delete();

        // The name sorts by time, and a file gets the name only when complete.
        var path = Path.Combine(folder.FullName,
            string.Create(CultureInfo.InvariantCulture, $"samples-{fireTime.ToUniversalTime():yyyyMMdd'T'HHmmss'Z'}.db"));
        var made = path + Unfinished;
        Copy(made);
        var rows = Verify(made);
        File.Move(made, path, overwrite: true);
        foreach (var old in folder.GetFiles("samples-*.db").OrderByDescending(file => file.Name, StringComparer.Ordinal).Skip(Kept))
        {
            old.Delete();
        }

        BackedUp(log, rows, path);
    }

    void Copy(string path)
    {
        using var copy = Open(path, SqliteOpenMode.ReadWriteCreate);
        database.BackUpTo(copy);

        // The copy has inherited the source's write-ahead log mode. A backup must be a single file.
        Ask(copy, "pragma journal_mode = delete");
    }

    static long Verify(string path)
    {
        using var copy = Open(path, SqliteOpenMode.ReadOnly);
        var found = Ask(copy, "pragma integrity_check");
        return found is "ok"
            ? (long)Ask(copy, "select count(*) from samples")!
            : throw new InvalidDataException($"The backup {path} is damaged: {found}");
    }

    // Without pooling, Dispose closes the file, so that the file can be moved.
    static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    static object? Ask(SqliteConnection connection, string statement)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        return command.ExecuteScalar();
    }

    [LoggerMessage(1, LogLevel.Information, "Backed up {Rows} samples to {Path}.")]
    static partial void BackedUp(ILogger logger, long rows, string path);
}
