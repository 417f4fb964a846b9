using Escapement.Triggers;
using Escapement.Triggers.Benchmarks;

// Beside Cronos and Quartz in one run: the next fire time, parsing, the memory of a trigger; and what only we have, counting.
(string Ours, string Quartz)[] expressions =
[
    ("* * * * *", "0 * * * * ?"), ("*/5 9-17 * * 1-5", "0 0/5 9-17 ? * MON-FRI"), ("0 9 * * *", "0 0 9 * * ?"),
    ("0 0 1 1 *", "0 0 0 1 1 ?"), ("30 2 * * 0", "0 30 2 ? * SUN"), ("0 0 29 2 *", "0 0 0 29 2 ?"),
];
string[] zones = ["UTC", "Asia/Shanghai", "America/New_York"];

var begin = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
var random = new Random(2026);
var instants = Enumerable.Range(0, 4096).Select(_ => begin.AddTicks(random.NextInt64(TimeSpan.TicksPerDay * 365))).ToArray();

Console.WriteLine("Nanoseconds for the next fire time, medians of interleaved rounds. Walk: from each answer to the next, through 2026 and again; random: instants of 2026.");
Console.WriteLine();
Console.WriteLine("| expression | zone | instants | Escapement | Cronos | Quartz | of the better |");
Console.WriteLine("| --- | --- | --- | ---: | ---: | ---: | ---: |");
// The first pass only lets the compiler learn all of it.
Next(print: false);
var ratios = Next(print: true);
Console.WriteLine();
Console.WriteLine($"Geometric mean of the ratios to the better of the two: {Math.Exp(ratios.Average(Math.Log)):0.00}; the worst row: {ratios.Max():0.00}");
Console.WriteLine();
Parse(print: false);
Parse(print: true);
Memory();
Count();

List<double> Next(bool print)
{
    List<double> found = [];
    foreach (var zone in zones)
    {
        foreach (var (ours, quartz) in expressions)
        {
            var candidates = (Ours: new Ours(ours, zone), Cronos: new CronosNext(ours, zone), InUtc: new CronosInUtc(ours),
                Quartz: new QuartzNext(quartz, zone));
            AgreeOrThrow(ours, zone, candidates.Ours, candidates.Cronos, candidates.Quartz);
            var utc = zone == "UTC";
            Row(ours, zone, "walk", Rounds.Medians(n => Walk(candidates.Ours, n),
                n => { if (utc) Walk(candidates.InUtc, n); else Walk(candidates.Cronos, n); }, n => Walk(candidates.Quartz, n)));
            Row(ours, zone, "random", Rounds.Medians(n => Scatter(candidates.Ours, n),
                n => { if (utc) Scatter(candidates.InUtc, n); else Scatter(candidates.Cronos, n); }, n => Scatter(candidates.Quartz, n)));
        }
    }

    return found;

    void Row(string expression, string zone, string kind, double[] medians)
    {
        var ratio = medians[0] / Math.Min(medians[1], medians[2]);
        found.Add(ratio);
        if (print)
        {
            Console.WriteLine($"| `{expression}` | {zone} | {kind} | {medians[0]:0} | {medians[1]:0} | {medians[2]:0} | {ratio:0.00} |");
        }
    }
}

void Walk<T>(T candidate, int calls) where T : ICandidate
{
    var (at, end) = (begin, begin.AddYears(1));
    for (var i = 0; i < calls; i++)
    {
        at = candidate.After(at);
        if (at >= end) at = begin;
    }
}

void Scatter<T>(T candidate, int calls) where T : ICandidate
{
    for (var i = 0; i < calls; i++) candidate.After(instants[i & (instants.Length - 1)]);
}

void AgreeOrThrow(string expression, string zone, Ours ours, CronosNext cronos, QuartzNext quartz)
{
    foreach (var at in instants)
    {
        var (a, b, c) = (ours.After(at), cronos.After(at), quartz.After(at));
        // Quartz has a rule of its own at a change of the clock.
        if (a != b || (a - c).Duration() > TimeSpan.FromDays(8))
        {
            throw new InvalidOperationException($"{expression} in {zone} after {at:O}: {a:O}, Cronos {b:O}, Quartz {c:O}");
        }
    }
}

void Parse(bool print)
{
    // Cronos gives back bit sets, Quartz a trigger with its text and zone: each beside the same of ours.
    Print("| nanoseconds to parse | bit sets | Cronos | ratio | a trigger with text and zone | Quartz | ratio |");
    Print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    var newYork = TimeZoneInfo.FindSystemTimeZoneById("America/New_York");
    var clock = ZoneClock.Get("America/New_York");
    foreach (var (ours, quartz) in expressions)
    {
        var medians = Rounds.Medians(
            n => { for (var i = 0; i < n; i++) CronParser.ParseExpression(ours, null); },
            n => { for (var i = 0; i < n; i++) Cronos.CronExpression.Parse(ours); },
            n => { for (var i = 0; i < n; i++) _ = new CronTrigger(CronDefinition.FromExpression(ours), clock); },
            n => { for (var i = 0; i < n; i++) _ = new Quartz.CronExpression(quartz, newYork); });
        Print($"| `{ours}` | {medians[0]:0} | {medians[1]:0} | {medians[0] / medians[1]:0.00} | {medians[2]:0} | {medians[3]:0} | {medians[2] / medians[3]:0.00} |");
    }

    Print("");

    void Print(string line)
    {
        if (print) Console.WriteLine(line);
    }
}

void Memory()
{
    // As for parsing: Cronos beside the bit sets, Quartz beside the trigger with text and zone. Both have been asked once.
    Console.WriteLine("| bytes | bit sets | Cronos | a trigger with text and zone | Quartz |");
    Console.WriteLine("| --- | ---: | ---: | ---: | ---: |");
    var newYork = TimeZoneInfo.FindSystemTimeZoneById("America/New_York");
    var clock = ZoneClock.Get("America/New_York");
    foreach (var (ours, quartz) in expressions)
    {
        Console.WriteLine($"| `{ours}` | {BytesOf(() => CronParser.ParseExpression(ours, null))} | "
            + $"{BytesOf(() => { var made = Cronos.CronExpression.Parse(ours); made.GetNextOccurrence(begin, newYork); return made; })} | "
            + $"{BytesOf(() => { var made = new CronTrigger(CronDefinition.FromExpression(ours), clock); made.Next(begin); return made; })} | "
            + $"{BytesOf(() => { var made = new Quartz.CronExpression(quartz, newYork); made.GetNextValidTimeAfter(begin); return made; })} |");
    }

    Console.WriteLine();
}

long BytesOf(Func<object> make)
{
    var kept = new object[10_000];
    var before = GC.GetTotalMemory(forceFullCollection: true);
    for (var i = 0; i < kept.Length; i++) kept[i] = make();
    var after = GC.GetTotalMemory(forceFullCollection: true);
    GC.KeepAlive(kept);
    return (after - before) / kept.Length;
}

void Count()
{
    Console.WriteLine("| count of a year | zone | fire times | microseconds |");
    Console.WriteLine("| --- | --- | ---: | ---: |");
    var end = begin.AddYears(1);
    foreach (var zone in zones)
    {
        var trigger = new CronTrigger(CronDefinition.FromExpression("* * * * * *"), ZoneClock.Get(zone));
        if (trigger.Count(begin, end) != 365 * 86_400) throw new InvalidOperationException("A year of seconds is miscounted.");
        Row(trigger, zone);
    }

    foreach (var zone in zones)
    {
        Row(TriggerText.Parse("(*/5 * * * *) or (*/7 9-17 * * mon-fri)", new(ZoneClock.Get(zone), begin)), zone);
        Row(TriggerText.Parse("(*/5 9-17 * * mon-fri) and (every 7 minutes from 2025-01-01)", new(ZoneClock.Get(zone), begin)), zone);
    }

    void Row(Trigger trigger, string zone) =>
        Console.WriteLine($"| `{trigger}` | {zone} | {trigger.Count(begin, end)} | {Rounds.Medians(n => { for (var i = 0; i < n; i++) trigger.Count(begin, end); })[0] / 1000:0.00} |");
}
