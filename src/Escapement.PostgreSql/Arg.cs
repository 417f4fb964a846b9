using Escapement.Ledger;
using NpgsqlTypes;

namespace Escapement.PostgreSql;

/// <summary>The value of a parameter with its type, so that null has a type too.</summary>
readonly struct Arg
{
    Arg(NpgsqlDbType type, object? value) => (Type, Value) = (type, value ?? DBNull.Value);

    public NpgsqlDbType Type { get; }

    public object Value { get; }

    public static implicit operator Arg(long value) => new(NpgsqlDbType.Bigint, value);

    public static implicit operator Arg(long? value) => new(NpgsqlDbType.Bigint, value);

    public static implicit operator Arg(int value) => new(NpgsqlDbType.Bigint, (long)value);

    public static implicit operator Arg(bool value) => new(NpgsqlDbType.Boolean, value);

    public static implicit operator Arg(DateTimeOffset value) => new(NpgsqlDbType.Bigint, value.ToMicros());

    public static implicit operator Arg(DateTimeOffset? value) => new(NpgsqlDbType.Bigint, value?.ToMicros());

    public static implicit operator Arg(string? value) => new(NpgsqlDbType.Text, Storable(value));

    public static implicit operator Arg(long[] values) => new(NpgsqlDbType.Array | NpgsqlDbType.Bigint, values);

    public static implicit operator Arg(long?[] values) => new(NpgsqlDbType.Array | NpgsqlDbType.Bigint, values);

    public static implicit operator Arg(bool[] values) => new(NpgsqlDbType.Array | NpgsqlDbType.Boolean, values);

    public static implicit operator Arg(string?[] values) =>
        new(NpgsqlDbType.Array | NpgsqlDbType.Text, Array.ConvertAll(values, Storable));

    /// <summary>Returns a text that PostgreSQL can store: without the character U+0000, and without half a surrogate pair, which
    /// the text of an exception may contain.</summary>
    static string? Storable(string? text)
    {
        if (text is null || IsStorable(text)) return text;
        return string.Create(text.Length, text, static (result, from) =>
        {
            for (var i = 0; i < from.Length; i++)
            {
                var pair = i + 1 < from.Length && char.IsSurrogatePair(from[i], from[i + 1]);
                if (pair) result[i] = from[i++];
                result[i] = !pair && (from[i] == '\0' || char.IsSurrogate(from[i])) ? '\uFFFD' : from[i];
            }
        });
    }

    static bool IsStorable(string text)
    {
        foreach (var sign in text)
            if (sign == '\0' || char.IsSurrogate(sign)) return false;
        return true;
    }
}
