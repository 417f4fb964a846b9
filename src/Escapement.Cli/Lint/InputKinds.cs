using System.Text.RegularExpressions;

namespace Escapement.Cli.Lint;

/// <summary>The kinds of inputs, recognized by name and content.</summary>
static partial class InputKinds
{
    public const string Crontab = "crontab", Settings = "settings", Yaml = "yaml", List = "list", Foreign = "foreign";

    [GeneratedRegex(@"^\s*[""']?(?:on|apiVersion|jobs|spec)[""']?\s*:(?:\s|$)", RegexOptions.Multiline)]
    private static partial Regex YamlKey { get; }

    // Behind comments, and neither the braces of a template nor the section of a configuration file.
    [GeneratedRegex(@"^(?>(?:\s|//[^\n]*|/\*[\s\S]*?\*/)*)(?:\{(?![{%#])|\[(?!\s*[A-Za-z]\w*\s*\]))")]
    private static partial Regex JsonBegin { get; }

    [GeneratedRegex(@"^\s*OnCalendar\s*=", RegexOptions.Multiline)]
    private static partial Regex OnCalendar { get; }

    [GeneratedRegex(@"^\s*\[(?:Timer|Unit|Service|Install)\]", RegexOptions.Multiline)]
    private static partial Regex Section { get; }

    [GeneratedRegex(@"@Scheduled\s*\(")]
    private static partial Regex Spring { get; }

    [GeneratedRegex(@"^\s*(?:import|package|(?:public\s+)?(?:final\s+)?class)\s", RegexOptions.Multiline)]
    private static partial Regex JvmSource { get; }

    [GeneratedRegex(@"^\s*(?:pipeline|triggers)\s*\{|^\s*(?:cron|pollSCM)\s*\(", RegexOptions.Multiline)]
    private static partial Regex Jenkinsfile { get; }

    [GeneratedRegex(@"^\s*TZ\s*=\s*(\S+)\s*$")]
    private static partial Regex ZoneLine { get; }

    /// <summary>Returns the kind of an input.</summary>
    public static string Of(Source source)
    {
        var name = Path.GetFileName(source.Name);
        var extension = Path.GetExtension(name).ToUpperInvariant();
        if (extension == ".JSON") return Settings;
        if (extension is ".YML" or ".YAML") return Yaml;
        if (name == "crontab" || extension is ".CRONTAB" or ".CRON") return Crontab;
        if (ForeignForm(source) is not null) return Foreign;
        if (JsonBegin.IsMatch(source.Text)) return Settings;
        if (YamlKey.IsMatch(source.Text)) return Yaml;
        return CrontabForm.IsCrontab(source) ? Crontab : List;
    }

    /// <summary>Adds an error for a form that is not read, with the remedy.</summary>
    public static void Refuse(Source source, LintRun run)
    {
        var (at, message) = ForeignForm(source)!.Value;
        var line = source.Text.AsSpan(0, at).Count('\n');
        run.Error(new(source, line, 0, Math.Max(1, source.Lines[line].Length)), message);
    }

    static (int At, string Message)? ForeignForm(Source source)
    {
        var name = Path.GetFileName(source.Name);
        var extension = Path.GetExtension(name).ToUpperInvariant();
        if (extension == ".TIMER" || Section.IsMatch(source.Text) || OnCalendar.IsMatch(source.Text))
        {
            return (First(OnCalendar, source) ?? 0, "This is a unit of systemd, and OnCalendar= is no cron expression: such files are not read. systemd-analyze calendar 'Mon..Fri 09:00' checks a time, and escapement lint \"0 9 * * mon-fri\" the cron expression for it.");
        }

        if (First(Spring, source) is { } scheduled
            && (JvmSource.IsMatch(source.Text) || extension is ".JAVA" or ".KT" or ".GROOVY" or ".SCALA"))
        {
            return (scheduled, "This is source code with Spring's @Scheduled: such files are not read. Give each expression in quotes: escapement lint \"0 0 9 * * *\".");
        }

        if (name == "Jenkinsfile" || First(Jenkinsfile, source) is not null)
        {
            return (First(Jenkinsfile, source) ?? 0, "This is a pipeline of Jenkins: such files are not read. Give each expression in quotes: escapement lint \"H 4 * * *\".");
        }

        if (JenkinsZone(source) is { } zone)
        {
            return (zone.At, $"This is a schedule of Jenkins, with the zone in a line TZ= and no commands: such files are not read. Give each expression in quotes, with the zone: escapement lint --zone {zone.Name} \"H 4 * * *\".");
        }

        if (extension is ".XML" || source.Text.AsSpan().TrimStart() is ['<', '?' or '!' or (>= 'a' and <= 'z'), ..])
        {
            return (0, "This is XML, as Quartz and Spring have it: such files are not read. Give each expression in quotes: escapement lint \"0 0 9 ? * MON-FRI\".");
        }

        return null;
    }

    static int? First(Regex pattern, Source source) =>
        pattern.Match(source.Text) is { Success: true } match ? match.Index + match.Length - match.Value.TrimStart().Length : null;

    // Jenkins reads a line TZ=ZONE above expressions without commands.
    static (int At, string Name)? JenkinsZone(Source source)
    {
        var lines = source.Content().Select(line => source.Lines[line].Trim()).ToList();
        if (lines is not [var first, _, ..] || ZoneLine.Match(first) is not { Success: true } zone) return null;
        return lines.Skip(1).All(line => LintRun.CanBeRead(line) || line.StartsWith('H'))
            ? (source.Text.IndexOf(first, StringComparison.Ordinal), zone.Groups[1].Value) : null;
    }
}
