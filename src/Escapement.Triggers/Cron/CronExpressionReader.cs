using System.Runtime.CompilerServices;

namespace Escapement.Triggers;

/// <summary>Splits an expression and reads its five or six fields. Part of <see cref="CronParser"/>.</summary>
static class CronExpressionReader
{
    /// <summary>The number of fields with the second in front.</summary>
    public const int MaxFields = 6;

    /// <summary>Reads the fields at their places, five or six.</summary>
    /// <exception cref="CronFormatException">A field cannot be read.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CronFields Read(string expression, ReadOnlySpan<(int Start, int End)> places, string? jobId)
    {
        var reader = new CronFieldReader(jobId, isExpression: true);
        var first = places.Length - 5;
        return new CronDraft
        {
            Seconds = first == 1 ? reader.Read(CronField.Second, expression, places[0]) : 1,
            Minutes = reader.Read(CronField.Minute, expression, places[first]),
            Hours = (uint)reader.Read(CronField.Hour, expression, places[first + 1]),
            Days = (uint)reader.Read(CronField.Day, expression, places[first + 2]),
            Months = (uint)reader.Read(CronField.Month, expression, places[first + 3]),
            DaysOfWeek = (byte)reader.Read(CronField.DayOfWeekInExpression, expression, places[first + 4]),
            FiresInBothPasses = reader.FiresInBothPasses,
            Special = reader.SpecialOrNull,
        }.ToFields();
    }

    /// <summary>Returns whether a text with five or six fields can be read.</summary>
    public static bool CanRead(string expression)
    {
        Span<(int Start, int End)> places = stackalloc (int, int)[MaxFields];
        try
        {
            return Split(expression, places) is var count and (5 or MaxFields) && Read(expression, places.Slice(0, count), "job") is not null;
        }
        catch (CronFormatException)
        {
            return false;
        }
    }

    /// <summary>Returns the number of fields, and stores the places of the first fields as far as the span has room.</summary>
    /// <remarks>No call returns into the loop, which therefore keeps its state in registers.</remarks>
    public static int Split(ReadOnlySpan<char> text, Span<(int Start, int End)> places)
    {
        var count = 0;
        for (var at = 0; at < text.Length; at++)
        {
            var start = at;
            // Most fields are a single character.
            if ((uint)(at + 1) < (uint)text.Length && text[at + 1] == ' ' && IsPlain(text[at]))
            {
                at++;
            }
            else
            {
                while (at < text.Length && IsPlain(text[at])) at++;
                if (at < text.Length && text[at] != ' ') return Split(Plain(text), places);
                if (at == start) continue;
            }

            if ((uint)count < (uint)places.Length) places[count] = (start, at);
            count++;
        }

        return count;
    }

    // A text of the same length, with spaces for blank characters and letters for all other characters beyond ASCII.
    static string Plain(ReadOnlySpan<char> text)
    {
        var plain = text.ToArray();
        for (var i = 0; i < plain.Length; i++)
        {
            if (!IsPlain(plain[i])) plain[i] = char.IsWhiteSpace(plain[i]) ? ' ' : 'x';
        }

        return new(plain);
    }

    static bool IsPlain(char c) => (uint)(c - '!') <= '~' - '!';
}
