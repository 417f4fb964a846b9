using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Escapement.Triggers;

namespace Escapement.Cli;

/// <summary>The command <c>escapement explain</c>: describes a trigger, its next fire times, and its behaviour at the
/// next clock change in each direction.</summary>
static class ExplainCommand
{
    public static Command Create(TimeProvider clock)
    {
        var command = new Command("explain",
            "Says what a trigger does: in words, its next fire times, and what happens when the clock changes.");
        var arguments = new TriggerArguments(command);
        var lang = new Option<string?>(
            "--lang")
        {
            Description = "en or zh. Default: the environment's language (LC_ALL, LC_MESSAGES, LANG), else English.",
            HelpName = "en|zh"
        };
        var json = new Option<bool>("--json") { Description = "Answer as one JSON document." };
        command.Add(lang);
        command.Add(json);
        command.SetAction(parsed =>
        {
            if (!arguments.HasTrigger(parsed))
            {
                return StandardError.Refuse("Give a trigger. Example: escapement explain \"0 9 * * mon-fri\" --zone Europe/Berlin");
            }

            var language = Languages.Read(parsed.GetValue(lang));
            var (trigger, from, count) = arguments.Read(parsed, clock);
            var explanation = new Explanation(trigger, from, count, language);
            using var output = new Output();
            if (parsed.GetValue(json)) output.Document(Output.Json, explanation.Write);
            else explanation.Print(output);
            return ExitCode.Done;
        });
        return command;
    }

    sealed class Explanation(Trigger trigger, DateTimeOffset from, int count, Language language)
    {
        readonly string sentence = TriggerSentence.Of(trigger, language, trigger.Zone);
        readonly List<DateTimeOffset> next = [.. NextRequest.FireTimes(trigger, from, count)];
        readonly string? never = NeverFires.Why(trigger, from, language);
        readonly IReadOnlyList<ClockChange> changes = ClockChanges.Next(trigger, from, language);
        readonly string? remark = Remark(trigger, language);

        public void Print(Output output)
        {
            output.Paragraph(output.Bold(sentence));
            if (remark is not null) output.Paragraph(remark);
            output.Line();
            var (name, zone) = (Say("Trigger", "触发器"), Say("Zone", "时区"));
            var width = Math.Max(DisplayText.Width(name), DisplayText.Width(zone));
            output.Line($"{Padded(name, width)}  {DisplayText.Expand(trigger.ToString()).Text}");
            output.Line($"{Padded(zone, width)}  {trigger.Zone.Name}");
            output.Line();
            output.Line(Say("Next", "接下来"));
            foreach (var at in next)
            {
                var (instant, until) = (Shown(at), Until(at - from));
                // Two lines, because a narrow terminal would break a single line inside a word.
                var isNarrow = output.Width < 4 + DisplayText.Width(instant) + DisplayText.Width(until);
                output.Line($"  {instant}{(isNarrow ? "\n    " : "  ")}{output.Green(until)}");
            }

            if (never is not null) output.Paragraph(never, indent: 2);
            output.Line();
            output.Line(Say("When the clock changes", "时钟变更时"));
            if (changes.Count == 0)
            {
                output.Paragraph(Say($"Clocks in {trigger.Zone.Name} do not change any more.", $"{trigger.Zone.Name} 的时钟不再变更。"), indent: 2);
            }

            foreach (var change in changes) output.Paragraph(change.Sentence, indent: 2);
        }

        public void Write(Utf8JsonWriter writer)
        {
            writer.WriteStartObject();
            writer.WriteString("text", trigger.ToString());
            writer.WriteString("sentence", sentence);
            writer.WriteString("language", language == Language.Chinese ? "zh" : "en");
            writer.WriteString("zone", trigger.Zone.Name);
            writer.WriteString("from", IsoTime.Format(from));
            writer.WriteStartObject("trigger");
            TriggerJson.Write(writer, trigger, TriggerStyle.Rest);
            writer.WriteEndObject();
            writer.WriteStartArray("next");
            foreach (var at in next)
            {
                writer.WriteStartObject();
                writer.WriteString("at", IsoTime.Format(at));
                writer.WriteNumber("in_seconds", (at - from).Ticks / (decimal)TimeSpan.TicksPerSecond);
                writer.WriteString("in", Until(at - from));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteString("never", never);
            writer.WriteString("remark", remark);
            writer.WriteStartArray("clock_changes");
            foreach (var change in changes)
            {
                writer.WriteStartObject();
                writer.WriteString("at", IsoTime.Format(change.At));
                writer.WriteString("direction", change.IsForward ? "forward" : "back");
                writer.WriteString("effect", Name(change.Effect));
                writer.WriteString("sentence", change.Sentence);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        static string Name(ClockEffect effect) => effect switch
        {
            ClockEffect.None => "none",
            ClockEffect.Moved => "moved",
            ClockEffect.Excluded => "excluded",
            ClockEffect.FirstPass => "first_pass",
            ClockEffect.BothPasses => "both_passes",
            _ => "real_time",
        };

        static string? Remark(Trigger trigger, Language language) =>
            trigger is CronTrigger cron
                ? CronComparison.Remark(cron.Definition, language)
                : GivenDate.Remark(trigger, language)?.Sentence;

        static string Padded(string text, int width) => text + new string(' ', width - DisplayText.Width(text));

        static string Shown(DateTimeOffset at) =>
            at.ToString(at.Ticks % TimeSpan.TicksPerSecond == 0
                ? "yyyy-MM-dd HH:mm:ss zzz"
                : "yyyy-MM-dd HH:mm:ss.ffffff zzz", CultureInfo.InvariantCulture);

        // The two largest units, rounded down: "in 22 h 56 min".
        string Until(TimeSpan span)
        {
            if (span < TimeSpan.FromSeconds(1)) return Say("now", "现在");
            var (large, small) = span switch
            {
                { Days: > 0 } => ((span.Days, Say("d", "天")), (span.Hours, Say("h", "小时"))),
                { Hours: > 0 } => ((span.Hours, Say("h", "小时")), (span.Minutes, Say("min", "分钟"))),
                { Minutes: > 0 } => ((span.Minutes, Say("min", "分钟")), (span.Seconds, Say("s", "秒"))),
                _ => ((span.Seconds, Say("s", "秒")), (0, "")),
            };
            var text = $"{large.Item1} {large.Item2}" + (small.Item1 == 0 ? "" : $" {small.Item1} {small.Item2}");
            return Say("in " + text, text + "后");
        }

        string Say(string english, string chinese) => language == Language.Chinese ? chinese : english;
    }
}
