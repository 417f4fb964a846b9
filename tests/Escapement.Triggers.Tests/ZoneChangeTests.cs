using System.Globalization;
using Xunit;

namespace Escapement.Triggers.Tests;

/// <summary>
/// Compares the zones with Python. <c>Vectors/make_transitions.py</c> recorded every change from 1900 to 2100.
/// </summary>
public sealed class ZoneChangeTests
{
    static readonly Dictionary<string, List<(long At, int Offset)>> Written = Read();

    public static TheoryData<string> Zones => [.. ZoneData.Names];

    [Theory]
    [MemberData(nameof(Zones))]
    public void Are_those_that_another_reader_finds(string name)
    {
        var clock = ZoneClock.Get(name);
        // Offsets are rounded to whole minutes, so smaller changes disappear.
        List<(long At, int Offset)> expected = [];
        foreach (var (at, offset) in Written[name])
        {
            var rounded = Math.Sign(offset) * ((Math.Abs(offset) + 29) / 60) * 60;
            if (expected.Count == 0 || expected[^1].Offset != rounded) expected.Add((at, rounded));
        }

        var begin = expected[0].At;
        List<(long At, int Offset)> found = [(begin, clock.SpanAt(begin).Offset)];
        for (var span = clock.SpanAt(begin); span.End < Of(2100); found.Add((span.Start, span.Offset))) span = clock.SpanAt(span.End);

        Assert.Equal(expected, found);
        Assert.Equal(Of(1900), begin);
    }

    [Fact]
    public void Are_written_down_for_every_zone() => Assert.Equal(ZoneData.Names, Written.Keys.Order(StringComparer.Ordinal));

    /// <summary>
    /// Returns the offsets according to Python, in whole seconds and in order. The first offset applies from 1900.
    /// </summary>
    internal static IReadOnlyList<(long At, int Offset)> Of(string zone) => Written[zone];

    static long Of(int year) => new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();

    static Dictionary<string, List<(long At, int Offset)>> Read()
    {
        var zones = new Dictionary<string, List<(long, int)>>();
        List<(long, int)> changes = [];
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Vectors", "zone_changes.txt")).Skip(1))
        {
            if (line.Split(' ') is [var at, var offset])
            {
                changes.Add((long.Parse(at, CultureInfo.InvariantCulture), int.Parse(offset, CultureInfo.InvariantCulture)));
            }
            else
            {
                zones.Add(line, changes = []);
            }
        }

        return zones;
    }
}
