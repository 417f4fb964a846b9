using Escapement.Ledger;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>Reads the columns of a row.</summary>
static class RowReading
{
    public static long Long(this NpgsqlDataReader row, int column) => row.GetInt64(column);

    public static int Int(this NpgsqlDataReader row, int column) => Clamped(row.GetInt64(column));

    public static int Clamped(long value) => (int)Math.Clamp(value, int.MinValue, int.MaxValue);

    public static bool Bool(this NpgsqlDataReader row, int column) => row.GetBoolean(column);

    public static long? Maybe(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    public static string Text(this NpgsqlDataReader row, int column) => row.GetString(column);

    public static string? MaybeText(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static DateTimeOffset At(this NpgsqlDataReader row, int column) => Instant.FromMicros(row.GetInt64(column));

    public static DateTimeOffset? MaybeAt(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : Instant.FromMicros(row.GetInt64(column));

    /// <summary>Reads an array of numbers, or null.</summary>
    public static long[]? Numbers(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<long[]>(column);
}
