using System.Globalization;
using System.Text;
using System.Text.Json;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Rows;

/// <summary>Compares values of the ledger's rows with the values that a process can have written, and collects the other
/// values for the audit.</summary>
sealed class RowChecks
{
    /// <summary>The first and the last instant of a calendar, in microseconds since 1970-01-01 UTC.</summary>
    public const long Least = -62_135_596_800_000_000, Most = 253_402_300_799_999_999;

    /// <summary>How far a clock may have been ahead without a mark. No process writes a mark for a clock that is set back while
    /// no process is active.</summary>
    static readonly TimeSpan Ahead = TimeSpan.FromDays(1);

    /// <summary>The largest change of the wall clock that leaves no mark, in microseconds.</summary>
    const long UnmarkedJump = 1_000_000;

    readonly DateTimeOffset now;
    readonly HashSet<string> named = [];
    readonly List<(long From, long To, long Epoch)> jumps = [];
    readonly List<OddValue> found = [];

    /// <param name="now">The time of the snapshot.</param>
    /// <param name="clockJumps">All recorded clock jumps: from where to where, in microseconds since 1970-01-01 UTC, in which
    /// epoch.</param>
    public RowChecks(DateTimeOffset now, IEnumerable<(long From, long To, long Epoch)> clockJumps)
    {
        this.now = now;
        (Now, Present) = (now.ToMicros(), now.Plus(Ahead).ToMicros());
        foreach (var (from, to, epoch) in clockJumps)
        {
            if (Math.Min(from, to) < Least || Math.Max(from, to) > Most) continue;
            jumps.Add((Math.Min(from, to), Math.Max(from, to), epoch));
            Present = Math.Max(Present, Math.Max(from, to));
        }
    }

    /// <summary>The time of the snapshot, in microseconds since 1970-01-01 UTC.</summary>
    public long Now { get; }

    /// <summary>The latest instant that a clock can have shown, in microseconds since 1970-01-01 UTC.</summary>
    public long Present { get; }

    /// <summary>The values that no process writes.</summary>
    public IReadOnlyList<OddValue> Found => found;

    /// <summary>Returns true if the wall clock was set during an epoch, or around its beginning.</summary>
    public bool IsAtJump(long epoch, long begun) =>
        jumps.Exists(jump => jump.Epoch == epoch || (jump.From <= begun && begun <= jump.To));

    /// <summary>Returns true if an instant does not follow a later instant, unless the wall clock was set back between both.</summary>
    public bool IsOrdered(long first, long last) =>
        last >= first - UnmarkedJump || jumps.Exists(jump => jump.From <= first && jump.To >= last);

    /// <summary>Returns true if a change was recorded at an instant. Used only for an instant that is out of order, because
    /// all changes may be read for it.</summary>
    public required Func<long, bool> HasAction { get; init; }

    /// <summary>Returns the value of a number, or null for null and for a number that no process writes.</summary>
    /// <param name="number">The number, or null.</param>
    /// <param name="place">The table and the column, and the row.</param>
    /// <param name="at">An instant of the row, or null.</param>
    /// <param name="also">Further allowed values in front of the numbers, such as <c>null</c> with a comma.</param>
    public T? Known<T>(long? number, in RowPlace place, long? at = null, string also = "")
        where T : struct, Enum
    {
        if (number is not { } given) return null;
        if (StoredNumbers<T>.Of(given) is { } value) return value;
        Add(place, Number(given), also + StoredNumbers<T>.Ranges, at);
        return null;
    }

    /// <summary>Returns an instant that lies in a range, or null for null and for an instant outside.</summary>
    /// <param name="value">The instant in microseconds since 1970-01-01 UTC, or null.</param>
    /// <param name="place">The table and the column, such as <c>epoch.ended</c>, and the row.</param>
    /// <param name="least">The inclusive minimum.</param>
    /// <param name="most">The inclusive maximum.</param>
    /// <param name="at">An instant of the row, or null.</param>
    /// <param name="also">Further allowed values in front of the range, such as <c>null</c> with a comma.</param>
    public long? Instant(long? value, in RowPlace place, long least, long most, long? at = null, string also = "")
    {
        if (value is null || (value >= least && value <= most)) return value;
        Add(place, Number(value.Value), also + Range(least, most), at);
        return null;
    }

    /// <summary>Collects a value once, because an answer may read a row several times.</summary>
    /// <param name="place">The table and the column, and the row.</param>
    /// <param name="value">The value.</param>
    /// <param name="allowed">The allowed values.</param>
    /// <param name="at">An instant of the row, or null.</param>
    public void Add(in RowPlace place, string value, string allowed, long? at = null)
    {
        OddValue odd = new()
        {
            Job = place.Job,
            At = at is { } micros && micros >= Least && micros <= Most ? Ledger.Instant.FromMicros(micros) : now,
            Value = $"{place.Column} = {Printable.Shown(value)} ({place.Row})",
            Allowed = allowed,
        };
        if (named.Add(odd.Value)) found.Add(odd);
    }

    /// <summary>Returns an instant as stored, and as a date.</summary>
    public static string Shown(long micros) => string.Create(CultureInfo.InvariantCulture,
        $"{micros} ({Ledger.Instant.FromMicros(micros):yyyy'-'MM'-'dd'T'HH':'mm':'ss'Z'})");

    /// <summary>Returns a range of instants.</summary>
    public static string Range(long least, long most) => $"{Shown(least)} – {Shown(most)}";

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Text(long? value) => value is { } number ? Number(number) : "null";

    /// <summary>Returns true if a text is a JSON object.</summary>
    public static bool IsObject(string text)
    {
        try
        {
            Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(text));
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            while (reader.Read()) { }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>A value in a table.</summary>
/// <param name="Column">The table and the column, such as <c>epoch.ended</c>.</param>
/// <param name="Row">The row, such as <c>number 1</c>.</param>
/// <param name="Job">The job of the row, or null for a row of the whole scheduler.</param>
readonly record struct RowPlace(string Column, string Row, JobId? Job = null);
