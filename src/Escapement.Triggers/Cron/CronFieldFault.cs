using System.Globalization;

namespace Escapement.Triggers;

/// <summary>Makes the errors for parts of a field. Part of <see cref="CronFieldReader"/>.</summary>
/// <param name="text">The text that contains the cronField.</param>
/// <param name="cronField">The field.</param>
/// <param name="isExpression">Whether the text is an expression, and not the value of a single cronField.</param>
readonly struct CronFieldFault(string text, CronField cronField, bool isExpression)
{
    // fri-mon: fri-sun,mon
    public string AsTwoParts(int start, int dash, int end)
    {
        var (from, to) = (text.Substring(start, dash - start), text.Substring(dash + 1, end - dash - 1));
        var isName = !char.IsAsciiDigit(text[start]);
        var lowest = isName ? cronField.Names[0] : cronField.First.ToString(CultureInfo.InvariantCulture);
        var highest = isName
            ? cronField.Names[cronField.Names.Count - 1]
            : cronField.Last.ToString(CultureInfo.InvariantCulture);
        return (from == highest ? from : from + "-" + highest) + "," + (to == lowest ? to : lowest + "-" + to);
    }

    // APScheduler accepts 'jan-mar', '1-3' and '1-3/2', but reads only the beginning of 'jan/2' or '1-mar'.
    public void RefuseMixedNames(int start, int dash, int slash, int end)
    {
        var firstIsName = !char.IsAsciiDigit(text[start]);
        var lastIsName = dash >= 0 ? !char.IsAsciiDigit(text[dash + 1]) : firstIsName;
        if (firstIsName != lastIsName) throw Wrong(start, end, "mixes a name and a number", "write both ends as names or both as numbers");
        if (firstIsName && slash >= 0) throw Wrong(start, end, "has a step after a name", "write the numbers of the range before a step");
    }

    public CronFormatException NotAStep(int step, int partStart, int start, int end, int span) => step == 0
        ? Wrong(start, end, "is not a step", "steps begin with 1")
        : Wrong(partStart, end, "has a step that is larger than what it steps over",
            span == 0 ? "there is nothing to step over" : $"at most {span} here{StepAdvice.Of(cronField, step)}");

    public CronFormatException NotAName(int start, int end, CronField of)
    {
        var nearest = CalendarNames.Suggest(text.Substring(start, end - start), of);
        return Wrong(start, end, "is not " + of.Noun, nearest is null
            ? of.Allowed
            : $"did you mean {nearest}? {char.ToUpperInvariant(of.Allowed[0])}{of.Allowed.Substring(1)}");
    }

    public CronFormatException Unknown(int start, int end) => Wrong(start, end, "is not a form that is known for " + cronField.Noun,
        ForeignParts.Advice(text.Substring(start, Math.Max(0, end - start)), cronField)
        ?? $"{cronField.Allowed}; the forms are *, */n, a, a-b, a-b/n, a/n, {OwnForms}and lists of them with commas");

    string OwnForms => (cronField.Name, isExpression) switch
    {
        ("day", true) => "L, L-n, LW, 15W, ",
        ("day", false) => "last, 2nd fri, last fri, ",
        ("day_of_week", true) => "fri#2, friL, ",
        _ => "",
    };

    public CronFormatException Wrong(int start, int end, string problem, string allowed) =>
        new(text, isExpression ? null : cronField.Name, start, text.Substring(start, Math.Max(0, end - start)), problem, allowed);
}
