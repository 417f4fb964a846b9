using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Escapement.Ledger;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Core.Tests.Ledger;

/// <summary>Every sentence of every reason, in both languages.</summary>
/// <remarks>With <c>ESCAPEMENT_APPROVE=1</c>, the files are rewritten for review as a difference.</remarks>
public sealed partial class LedgerTextTests
{
    static readonly string[] Files = ["ReasonText", "LedgerText"];

    [Theory]
    [InlineData(Language.English)]
    [InlineData(Language.Chinese)]
    public void Every_sentence_is_approved(Language language)
    {
        StringBuilder said = new();
        foreach (var reason in Enum.GetValues<Reason>())
        {
            said.Append(CultureInfo.InvariantCulture, $"{reason} ({ReasonText.KindOf(reason)})\n");
            said.Append(CultureInfo.InvariantCulture, $"  {ReasonText.Meaning(reason, language)}\n");
            said.Append(CultureInfo.InvariantCulture, $"  {ReasonText.Origin(reason, language)}\n");
            if (ReasonText.Advice(reason, language) is { Length: > 0 } advice) said.Append(CultureInfo.InvariantCulture, $"  {advice}\n");
            said.Append(CultureInfo.InvariantCulture, $"  {ReasonText.Find(language, reason.ToString())}\n\n");
        }

        foreach (var name in Names("LedgerText").Where(name => !name.StartsWith("Meaning.", StringComparison.Ordinal)
            && !name.StartsWith("Origin.", StringComparison.Ordinal) && !name.StartsWith("Advice.", StringComparison.Ordinal)))
        {
            said.Append(CultureInfo.InvariantCulture, $"{name}: {LedgerText.Find(language, name)}\n");
        }

        foreach (var name in Names("ReasonText").Where(name => !Enum.TryParse<Reason>(name, out _)))
            said.Append(CultureInfo.InvariantCulture, $"{name}: {ReasonText.Find(language, name)}\n");
        Approve(Path.Combine(Folder(), $"Sentences.{language}.txt"), said.ToString());
    }

    [Fact]
    public void The_page_of_the_reasons_has_the_texts_of_each_reason()
    {
        StringBuilder page = new("""
            # Reasons

            A reason says why a due fire time did not run, why a process does not schedule, or why a job has ended. Fire times
            are *skipped* if somebody or a rule asked for the skip, and *missed* otherwise. `why` and `audit` name the reason of
            each fire time that did not run. `nodes` and the log name the reason of a *process*. *Reserved* reasons are not
            recorded: a trigger yields no fire time after its end date or on an excluded day, so nothing is due. `escapement
            help REASON` prints a section of this page.

            """);
        foreach (var reason in Enum.GetValues<Reason>())
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {reason}\n\n*{Kind(reason)}.* {ReasonText.Meaning(reason)}\n\n");
            page.Append(CultureInfo.InvariantCulture, $"* **Cause:** {ReasonText.Origin(reason)}\n");
            var advice = ReasonText.Advice(reason) is { Length: > 0 } given ? given : "Nothing needs to be done.";
            page.Append(CultureInfo.InvariantCulture, $"* **Remedy:** {advice}\n");
        }

        Approve(Path.Combine(Folder(), "../../../docs/reasons.md"), Wrapped(page.ToString()));

        // No fire time has the reason of a process or of the end of a job.
        static string Kind(Reason reason) => reason switch
        {
            Reason.Standby or Reason.HostNotAllowed or Reason.DesignTime or Reason.TestHost or Reason.UnsafeFileSystem
                or Reason.ClusterRequired => "Process",
            Reason.TriggerExhausted => "End of a job",
            Reason.EndDatePassed or Reason.ExcludedDate => "Reserved",
            _ => ReasonText.KindOf(reason).ToString(),
        };
    }

    [Fact]
    public void Both_languages_have_the_same_sentences_with_the_same_values()
    {
        foreach (var file in Files)
        {
            var (english, chinese) = (Texts(file), Texts(file + "Chinese"));
            Assert.Equal(english.Keys.Order(StringComparer.Ordinal), chinese.Keys.Order(StringComparer.Ordinal));
            foreach (var (name, text) in english)
            {
                Assert.True(Values(text).SequenceEqual(Values(chinese[name])), $"{name}: {text} / {chinese[name]}");
            }
        }
    }

    [Theory]
    [InlineData("2030-01-01T09:00:00Z", "09:00", "09:00")]
    [InlineData("2030-01-01T08:58:12Z", "08:58:12", "08:58:12")]
    [InlineData("2030-01-01T08:58:12.5Z", "08:58:12", "08:58:12")]
    [InlineData("2030-01-01T08:58:12.000001Z", "08:58:12", "08:58:12")]
    [InlineData("2029-12-31T18:02:00Z", "31 Dec 2029 18:02", "2029年12月31日 18:02")]
    [InlineData("2030-01-02T18:02:00Z", "2 Jan 18:02", "1月2日 18:02")]
    public void An_instant_has_a_date_only_on_another_day(string instant, string english, string chinese)
    {
        var (at, day) = (DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture), new DateTimeOffset(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));
        Assert.Equal(english, new LedgerText(Language.English, ZoneClock.Utc, day).Time(at));
        Assert.Equal(chinese, new LedgerText(Language.Chinese, ZoneClock.Utc, day).Time(at));
    }

    [Theory]
    [InlineData("2030-01-01T08:06:00Z", "2030-01-01T08:04:00Z", "08:06", "08:04")]
    [InlineData("2030-01-01T08:06:00Z", "2030-01-02T08:04:00Z", "1 Jan 08:06", "2 Jan 08:04")]
    [InlineData("2041-05-06T09:00:00Z", "2030-05-06T09:00:00Z", "6 May 2041 09:00", "6 May 2030 09:00")]
    [InlineData("2030-01-01T08:00:00.25Z", "2030-01-01T08:00:00.75Z", "08:00:00.250", "08:00:00.750")]
    [InlineData("2030-01-01T08:00:00.000001Z", "2030-01-01T08:00:00.000002Z", "08:00:00.000001", "08:00:00.000002")]
    [InlineData("2030-01-01T08:00:00.25Z", "2030-01-01T08:00:01.75Z", "08:00:00", "08:00:01")]
    public void Two_instants_have_the_same_form(string first, string second, string from, string to)
    {
        LedgerText text = new(Language.English, ZoneClock.Utc, new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));
        Assert.Equal((from, to), text.Times(Parse(first), Parse(second)));
    }

    [Theory]
    [InlineData("00:00:00.0004", "0 ms")]
    [InlineData("00:00:00.9994", "999 ms")]
    [InlineData("00:00:00.9996", "1 s")]
    [InlineData("00:00:01.4", "1 s")]
    [InlineData("00:04:59.9", "5 min")]
    [InlineData("00:04:59.4", "4 min 59 s")]
    [InlineData("00:59:59.7", "1 h")]
    [InlineData("01:29:31", "1 h 30 min")]
    [InlineData("23:59:40", "1 d")]
    [InlineData("2.00:20:00", "2 d")]
    [InlineData("2.22:31:00", "2 d 23 h")]
    [InlineData("10675199.02:48:05.4775807", "10675199 d 2 h")]
    public void A_span_is_rounded_to_the_smaller_unit_shown(string span, string shown) =>
        Assert.Equal(shown, LedgerText.Span(TimeSpan.Parse(span, CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("li\u202Egnp", "li\\u202Egnp")]
    [InlineData("li\nError: gone\u001B[31m", "li\\u000AError: gone\\u001B[31m")]
    [InlineData("火\u2066", "火\\u2066")]
    public void A_value_with_a_hidden_character_is_escaped(string by, string shown)
    {
        Assert.Contains(shown, LedgerText.Say(Language.English, "By", by), StringComparison.Ordinal);
        Assert.Contains(shown, LedgerText.Say(Language.Chinese, "Note", by), StringComparison.Ordinal);
        Assert.Contains(shown, ReasonText.Standby(1, by, DateTimeOffset.UnixEpoch, "s"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_time_that_the_clocks_show_twice_has_its_offset()
    {
        LedgerText text = new(Language.English, ZoneClock.Get("Europe/Berlin"), Parse("2026-10-25T12:00:00Z"));
        Assert.Equal(("02:10 +02:00", "02:30 +01:00"), text.Times(Parse("2026-10-25T00:10:00Z"), Parse("2026-10-25T01:30:00Z")));
        Assert.Equal(("01:50", "03:00"), text.Times(Parse("2026-10-24T23:50:00Z"), Parse("2026-10-25T02:00:00Z")));
    }

    static DateTimeOffset Parse(string instant) => DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture);

    static IEnumerable<string> Values(string text) => Placeholder().Matches(text).Select(found => found.Value).Distinct().Order(StringComparer.Ordinal);

    static IEnumerable<string> Names(string file) => Texts(file).Keys;

    static Dictionary<string, string> Texts(string file) => XDocument.Load(Path.Combine(Folder(), $"../../../src/Escapement.Core/Ledger/{file}.resx"))
        .Root!.Elements("data").ToDictionary(data => data.Attribute("name")!.Value, data => data.Element("value")!.Value);

    /// <summary>Wraps paragraphs and list items at 120 characters.</summary>
    static string Wrapped(string text)
    {
        StringBuilder wrapped = new();
        foreach (var line in text.Split('\n'))
        {
            var (rest, indent) = (line, line.StartsWith("* ", StringComparison.Ordinal) ? "  " : "");
            while (rest.Length > 120 && rest.LastIndexOf(' ', 120) is var cut and > 2)
            {
                wrapped.Append(rest.AsSpan(0, cut)).Append('\n');
                rest = indent + rest[(cut + 1)..];
            }

            wrapped.Append(rest).Append('\n');
        }

        return wrapped.ToString().TrimEnd('\n') + "\n";
    }

    static void Approve(string path, string said)
    {
        if (Environment.GetEnvironmentVariable("ESCAPEMENT_APPROVE") == "1") File.WriteAllText(path, said);
        Assert.Equal(File.ReadAllText(path), said);
    }

    static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Placeholder();
}
