using System.Globalization;
using Xunit;

namespace Escapement.Triggers.Tests;

/// <summary>Tests that the shapes in a sentence have exactly the contents of the fields.</summary>
public sealed class TimesOfDayTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_shape_is_the_times_of_day_and_no_others(bool isEveryDay)
    {
        var random = new Random(20320229);
        for (var i = 0; i < 3_000; i++)
        {
            var fields = CronParser.ParseExpression(
                $"{Field(random, 59, random.Next(4) > 0)} {Field(random, 59, random.Next(3) == 0)} {Field(random, 23, false)} * * *", null);
            var shape = TimesOfDay.Of(fields, isEveryDay);
            Assert.Equal(Of(new TimesOfDay.Within(fields.Seconds, fields.Minutes, fields.Hours)), Of(shape));
            if (!isEveryDay && shape is TimesOfDay.Every every)
            {
                Assert.All(every.Windows, window => Assert.True(window.First <= window.Last));
            }
        }
    }

    [Fact]
    public void The_pieces_of_a_set_are_the_set()
    {
        var random = new Random(20320301);
        for (var i = 0; i < 10_000; i++)
        {
            var bits = (ulong)random.NextInt64() & (ulong)random.NextInt64() & (i % 2 == 0 ? (ulong)random.NextInt64() : ulong.MaxValue);
            var numbers = NumberPiece.Numbers(bits);
            var pieces = NumberPiece.Of(numbers, random.Next(3, 9));
            Assert.Equal(numbers, pieces.SelectMany(piece => Steps(piece.First, piece.Last, piece.Step)));
        }
    }

    static IEnumerable<int> Steps(int first, int last, int step)
    {
        for (var at = first; at <= last; at += step) yield return at;
    }

    static SortedSet<int> Of(TimesOfDay times) => times switch
    {
        TimesOfDay.At(var list) => [.. list],
        TimesOfDay.Every(var step, []) => [.. Steps(0, 86_399, step)],
        TimesOfDay.Every(var step, var windows) => [.. windows.SelectMany(window =>
            Steps(window.First, window.Last < window.First ? window.Last + 86_400 : window.Last, step)).Select(time => time % 86_400)],
        TimesOfDay.Within within => [.. from hour in NumberPiece.Numbers(within.Hours) from minute in NumberPiece.Numbers(
            within.Minutes) from second in NumberPiece.Numbers(within.Seconds) select (((hour * 60) + minute) * 60) + second],
        _ => throw new InvalidOperationException(),
    };

    static string Field(Random random, int last, bool isZero)
    {
        if (isZero) return "0";
        switch (random.Next(6))
        {
            case 0: return "*";
            case 1: return random.Next(last + 1).ToString(CultureInfo.InvariantCulture);
            case 2: return "*/" + random.Next(1, last / 2);
            case 3: return $"{random.Next(last / 2)}/{random.Next(1, last / 2)}";
            case 4: return $"{random.Next(last + 1)}-{random.Next(last + 1)}";
            default: return string.Join(',', Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(last + 1)));
        }
    }
}
