using System.Globalization;

namespace Escapement.Triggers;

/// <summary>Reads the text form of triggers. Part of <see cref="TriggerText"/>.</summary>
/// <remarks>The length of the text and the depth of parentheses are limited.</remarks>
sealed class TriggerTextReader
{
    public const int MaxCharacters = 16_384;

    internal static readonly string[] Keywords = ["from", "until", "in", "except", "times", "since", "jitter", "and", "or", "at", "every"];

    static readonly string[] Behind = ["from", "until", "in", "except", "times", "since", "jitter", "or last day"];

    readonly string text;
    readonly TriggerContext outermost;
    readonly List<(int Start, int End)> tokens = [];
    int at;

    public TriggerTextReader(string text, TriggerContext context)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxCharacters)
        {
            throw new CronFormatException(text[..60] + "…", null, 0, "", $"A text of {text.Length} characters",
                "is too long for a trigger", $"at most {MaxCharacters} are allowed");
        }

        (this.text, outermost) = (text, context);
        Split();
    }

    /// <summary>Returns whether a word has its own meaning between triggers.</summary>
    internal static bool IsKeyword(string word) => Keywords.Contains(word, StringComparer.OrdinalIgnoreCase);

    public Trigger Read()
    {
        if (tokens.Count == 0)
        {
            throw new CronFormatException(text, null, 0, "", "An empty text", "is no trigger",
                "give a cron expression such as 0 9 * * mon-fri, a word such as @daily, or a form such as every 20 minutes");
        }

        if (ForeignForms.MayBegin(text[tokens[0].Start])) ForeignForms.Refuse(text);
        var build = ReadTrigger(0);
        if (at < tokens.Count)
        {
            throw Here("is not expected here", Word(at) == ")"
                ? "there is no parenthesis to close"
                : "behind a trigger can stand " + string.Join(", ", Behind));
        }

        return build(outermost);
    }

    // The trigger is built after the whole text is read, because the zone follows the trigger.
    Func<TriggerContext, Trigger> ReadTrigger(int depth)
    {
        if (depth > TriggerJson.MaxNested)
        {
            throw Here("is nested too deep", $"at most {TriggerJson.MaxNested} levels of and, or and parentheses are allowed");
        }

        var begin = at;
        var core = ReadCore(depth);
        var limits = new TriggerTextLimits();
        while (at < tokens.Count && Word(at) != ")" && ReadLimit(limits))
        {
        }

        var place = (begin, at);
        return context =>
        {
            context = limits.Zone is { } zone ? context with { Zone = zone() } : context;
            var trigger = core(context, limits);
            return Placed(place, () => limits.Apply(trigger, context));
        };
    }

    Func<TriggerContext, TriggerTextLimits, Trigger> ReadCore(int depth)
    {
        if (at >= tokens.Count)
        {
            throw Here("ends where a trigger is expected", "give a cron expression, every …, at …, or a trigger in parentheses");
        }

        var word = Word(at);
        if (word == "(") return ReadGroup(depth);
        if (Is("every")) return new TriggerTextInterval(this).Read();
        if (Is("at"))
        {
            at++;
            var (instant, place) = ReadInstant();
            return (context, limits) =>
            {
                limits.RefuseStartAndEnd("a date");
                var moment = Instant(instant, place, context.Zone, out var hasOffset);
                return new DateTrigger(moment, context.Zone, showsZoneOffset: !hasOffset) { Wall = IsoTime.WallOf(instant, context.Zone) };
            };
        }

        return ReadCron();
    }

    Func<TriggerContext, TriggerTextLimits, Trigger> ReadGroup(int depth)
    {
        List<Func<TriggerContext, Trigger>> parts = [];
        string? joiner = null;
        while (true)
        {
            if (at >= tokens.Count || Word(at) != "(")
            {
                throw Here((at < tokens.Count ? "is not" : "ends where there should be") + " a trigger in parentheses",
                    "'and' and 'or' join those: (0 9 * * *) or (0 12 * * sat)");
            }

            if (parts.Count == TriggerJson.MaxTriggers)
            {
                throw Here("begins one trigger too many", $"and and or join at most {TriggerJson.MaxTriggers}");
            }

            at++;
            parts.Add(ReadTrigger(depth + 1));
            if (at >= tokens.Count || Word(at) != ")")
            {
                throw Here(at < tokens.Count ? "is not a closing parenthesis" : "ends without a closing parenthesis", "each ( needs its )");
            }

            at++;
            if (!Is("and") && !(Is("or") && !Is("last", 1))) break;
            var word = Word(at).ToLowerInvariant();
            if (joiner is not null && joiner != word) throw Here("is mixed with " + joiner, "put parentheses around what belongs together");
            joiner = word;
            at++;
            if (Is("alone"))
            {
                at++;
                break;
            }
        }

        return (context, limits) =>
        {
            limits.RefuseStartAndEnd("a trigger in parentheses");
            List<Trigger> triggers = [.. parts.Select(part => part(context))];
            foreach (var trigger in triggers) TriggerJson.RefuseJitterInside(trigger, joiner);
            return joiner switch
            {
                "and" => new AndTrigger(triggers, context.Zone),
                "or" => new OrTrigger(triggers, context.Zone),
                _ =>
                triggers[0]
            };
        };
    }

    Func<TriggerContext, TriggerTextLimits, Trigger> ReadCron()
    {
        var start = tokens[at].Start;
        var first = at;
        var isFields = IsField(at);
        while (at < tokens.Count && Word(at) is not ("(" or ")") && !IsKeyword(Word(at))) at++;
        if (at == first)
        {
            throw Here("is not the beginning of a trigger", "give a cron expression, every …, at …, or a trigger in parentheses");
        }

        var expression = first == 0 && at == tokens.Count ? text : text[start..tokens[at - 1].End];
        return (context, limits) =>
        {
            var definition = isFields
                ? CronDefinition.FromFields(Fields(expression))
                : CronDefinition.FromExpression(expression, context.JobId);
            return new CronTrigger(definition, context.Zone, limits.Start?.Invoke(context.Zone), limits.End?.Invoke(context.Zone));
        };
    }

    bool IsField(int token)
    {
        var word = Word(token);
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && word[..equals].All(c => char.IsAsciiLetter(c) || c == '_');
    }

    // In 'day=1st mon, last fri, hour=9', a comma separates fields only if a name and = follow.
    static Dictionary<string, string> Fields(string given)
    {
        Dictionary<string, string> fields = new(StringComparer.Ordinal);
        string? name = null;
        foreach (var piece in given.Split(','))
        {
            var equals = piece.IndexOf('=', StringComparison.Ordinal);
            if (equals >= 0)
            {
                name = piece[..equals].Trim();
                if (!fields.TryAdd(name, piece[(equals + 1)..].Trim()))
                {
                    throw new CronFormatException(given, null, given.LastIndexOf(name + "=", StringComparison.Ordinal), name,
                        "stands there twice", "give each field once");
                }
            }
            else
            {
                fields[name!] += "," + piece;
            }
        }

        return fields;
    }

    bool ReadLimit(TriggerTextLimits limits)
    {
        var word = Word(at).ToLowerInvariant();
        if (word == "or" && Is("last", 1) && Is("day", 2))
        {
            at += 3;
            limits.LastDay = true;
            return true;
        }

        if (word is not ("from" or "until" or "in" or "except" or "times" or "since" or "jitter")) return false;
        if (!limits.Take(word)) throw Here("stands there twice", "give it once");
        at++;
        if (at >= tokens.Count) throw Here("ends where a value is expected", $"{word} needs what it says");
        switch (word)
        {
            case "from" or "until" or "since":
                var (instant, place) = ReadInstant();
                var isDay = instant.Length == 10;
                limits.Set(word, isDay, zone => Instant(instant, place, zone, out _), zone =>
                    Instant(instant, place, zone, out var hasOffset) is var moment && hasOffset);
                break;
            case "in":
                var (name, named) = (Word(at), at++);
                limits.Zone = () => Zone(name, named);
                break;
            case "except":
                var begin = at;
                var items = ReadList();
                var end = at;
                limits.Except = context => Placed((begin, end), () => ExclusionCalendar.Parse(items, context.Dates));
                break;
            case "times":
                if (!int.TryParse(Word(at), NumberStyles.None, CultureInfo.InvariantCulture, out var times)
                    || times is < 1 or > LimitedTrigger.Most)
                {
                    throw Here("is not a number of times", $"from 1 to {LimitedTrigger.Most}");
                }

                limits.Times = times;
                at++;
                break;
            default:
                limits.Jitter = new TriggerTextInterval(this).Duration();
                break;
        }

        return true;
    }

    ZoneClock Zone(string name, int token)
    {
        try
        {
            return ZoneClock.Get(name);
        }
        catch (ZoneNameException fault)
        {
            throw At(token, token + 1, fault.Problem, fault.Advice is [var first, .. var rest]
                ? char.ToLowerInvariant(first) + rest
                : fault.Advice);
        }
    }

    List<string> ReadList()
    {
        var (first, start) = (at, tokens[at].Start);
        while (at < tokens.Count && Word(at) is not ("(" or ")") && !IsKeyword(Word(at))) at++;
        if (at == first) throw Here("is nothing that can be excluded", "give days, parts of a day and names, with commas between them");
        return [.. text[start..tokens[at - 1].End].Split(',').Select(item => item.Trim())];
    }

    (string Text, (int, int) Place) ReadInstant()
    {
        if (at >= tokens.Count) throw Here("ends where a date is expected", IsoTime.AllowedTyped);
        var begin = at++;
        var isDayWithTime = tokens[begin].End - tokens[begin].Start == 10 && at < tokens.Count
            && Word(at).Contains(':', StringComparison.Ordinal) && char.IsAsciiDigit(Word(at)[0]);
        if (isDayWithTime) at++;
        if (at < tokens.Count && Word(at) is ['+' or '-', _, _, ':', ..]) at++;
        return (IsoTime.Typed(text[tokens[begin].Start..tokens[at - 1].End]), (begin, at));
    }

    DateTimeOffset Instant(string given, (int Begin, int End) place, ZoneClock zone, out bool hasOffset) =>
        IsoTime.TryParse(given, zone, out var instant, out hasOffset)
        ? instant
        : throw At(place.Begin, place.End, "is not a date", IsoTime.AllowedTyped);

    internal int Position { get => at; set => at = value; }

    internal bool IsAtEnd => at >= tokens.Count;

    internal string Word(int token) => text[tokens[token].Start..tokens[token].End];

    internal bool Is(string word, int ahead = 0) =>
        at + ahead < tokens.Count && string.Equals(Word(at + ahead), word, StringComparison.OrdinalIgnoreCase);

    internal CronFormatException Here(string problem, string allowed) => at < tokens.Count
        ? At(at, at + 1, problem, allowed)
        : new(text, null, text.TrimEnd().Length, "", "The text", problem, allowed);

    internal CronFormatException At(int begin, int end, string problem, string allowed)
    {
        var (start, stop) = (tokens[begin].Start, tokens[end - 1].End);
        return new(text, null, start, text[start..stop], problem, allowed);
    }

    /// <summary>Adds the place of a limit to the error if the trigger does not take the limit.</summary>
    T Placed<T>((int Begin, int End) place, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (TriggerFormatException fault)
        {
            var (start, stop) = (tokens[place.Begin].Start, tokens[place.End - 1].End);
            var value = fault.Value.Trim('\'');
            var found = value.Length > 0 ? text.IndexOf(value, start, stop - start, StringComparison.Ordinal) : -1;
            throw found >= 0 ? new(text, null, found, value, fault.Problem, fault.Allowed)
                : At(place.Begin, place.End, $"cannot be read: {fault.Value} {fault.Problem}", fault.Allowed);
        }
    }

    // Splits at spaces. A parenthesis before or after a word is a word of its own, but a parenthesis inside a word is
    // not (H(0-29)).
    void Split()
    {
        for (var i = 0; i < text.Length;)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }

            var start = i;
            if (text[i] is '(' or ')')
            {
                i++;
            }
            else
            {
                for (var open = 0; i < text.Length && !char.IsWhiteSpace(text[i]) && (text[i] != ')' || open > 0); i++)
                {
                    open += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
                }
            }

            tokens.Add((start, i));
        }
    }
}
