using System.Text;
using Xunit;

namespace Escapement.Triggers.PropertyTests;

/// <summary>
/// Tests of the parser with arbitrary input.
/// The result is a trigger or the parser's own exception, and a trigger answers even at the edges of the calendar.
/// </summary>
public sealed class ParserFuzzTests
{
    const string Letters = "0123456789*/,-#?LWHlwh@ \tsunmofridaejbpgcvt1stndlast:;.%éÿ\0";

    static readonly DateTimeOffset[] Edges = [DateTimeOffset.MinValue, DateTimeOffset.UnixEpoch,
        new(2030, 3, 31, 0, 59, 59, TimeSpan.Zero), DateTimeOffset.MaxValue];
    static readonly string[] Fields = [.. CronField.All.Select(field => field.Name)];

    [Fact]
    public void Expressions()
    {
        var random = new Random(61);
        var expressions = new RandomExpression(random);
        var (read, refused) = (0, 0);
        for (var i = 0; i < 100_000; i++)
        {
            var text = random.Next(8) == 0 ? Noise(random) : Mutated(random, expressions.Next());
            if (Read(() => CronDefinition.FromExpression(text, random.Next(2) == 0 ? "job" : null)) is not { } definition)
            {
                refused++;
                continue;
            }

            if (read++ % 20 == 0) AskAtTheEdges(definition, MachineZones.All[random.Next(MachineZones.All.Count)].Clock);
        }

        Assert.True(read > 10_000 && refused > 10_000, $"{read} read, {refused} refused");
    }

    [Fact]
    public void Fields_by_name()
    {
        var random = new Random(62);
        var expressions = new RandomExpression(random);
        var (read, refused) = (0, 0);
        for (var i = 0; i < 50_000; i++)
        {
            var fields = new Dictionary<string, string>();
            foreach (var value in expressions.Next().Split(' '))
            {
                fields[Fields[random.Next(Fields.Length)]] = random.Next(3) == 0 ? Mutated(random, value) : value;
            }

            if (random.Next(50) == 0) fields[Noise(random)] = "1";
            if (Read(() => CronDefinition.FromFields(fields)) is not { } definition)
            {
                refused++;
                continue;
            }

            if (read++ % 20 == 0) AskAtTheEdges(definition, ZoneClock.Utc);
        }

        Assert.True(read > 1_000 && refused > 10_000, $"{read} read, {refused} refused");
    }

    [Fact]
    public void Files_of_zones()
    {
        var random = new Random(63);
        var directory = new[] { Environment.GetEnvironmentVariable("TZDIR"), "/usr/share/zoneinfo" }.First(Directory.Exists)!;
        foreach (var name in new[] { "Europe/Berlin", "America/Nuuk", "UTC" })
        {
            var original = File.ReadAllBytes(Path.Combine(directory, name));
            for (var i = 0; i < 5_000; i++)
            {
                var bytes = original[..(random.Next(3) == 0 ? random.Next(original.Length) : original.Length)];
                for (var n = random.Next(1, 6); n > 0 && bytes.Length > 0; n--)
                {
                    bytes[random.Next(2) == 0
                        ? random.Next(bytes.Length)
                        : random.Next(Math.Min(bytes.Length, 100))] = (byte)random.Next(256);
                }
                // An invalid file gives null, and a valid file gives a table or nothing. The parser never hangs.
                TzifFile.Parse(bytes);
            }
        }
    }

    static void AskAtTheEdges(CronDefinition definition, ZoneClock zone)
    {
        var trigger = new CronTrigger(definition, zone);
        foreach (var at in Edges)
        {
            if (trigger.Next(at) is { } next) Assert.True(next >= at && trigger.Next(next) == next);
            if (trigger.Previous(at) is { } previous) Assert.True(previous < at && trigger.Next(previous) == previous);
        }

        var century = trigger.Count(new(1990, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2090, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.InRange(century, 0, trigger.Count(new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero)));
    }

    static CronDefinition? Read(Func<CronDefinition> read)
    {
        try
        {
            return read();
        }
        catch (CronFormatException refusal)
        {
            Assert.InRange(refusal.Position, 0, refusal.Expression.Length);
            return null;
        }
    }

    static string Noise(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => Letters[random.Next(Letters.Length)]));

    static string Mutated(Random random, string text)
    {
        var changed = new StringBuilder(text);
        for (var n = random.Next(3); n > 0; n--)
        {
            var at = random.Next(changed.Length + 1);
            switch (random.Next(4))
            {
                case 0: changed.Insert(at, Letters[random.Next(Letters.Length)]); break;
                case 1 when at < changed.Length: changed.Remove(at, 1); break;
                case 2 when at < changed.Length: changed[at] = Letters[random.Next(Letters.Length)]; break;
                case 3: changed.Insert(at, random.Next(2) == 0 ? int.MaxValue : long.MaxValue); break;
                default: break;
            }
        }

        return changed.ToString();
    }
}
