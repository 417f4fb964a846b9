namespace Escapement.Triggers;

/// <summary>The words of a trigger's text, with the place of each word for errors.</summary>
sealed class TriggerWords
{
    const int MaxCharacters = 16_384;

    readonly string text;
    readonly List<(int Start, int End)> places = [];

    /// <summary>Splits a text into words.</summary>
    /// <exception cref="CronFormatException">The text is too long, or empty.</exception>
    public TriggerWords(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxCharacters)
        {
            throw new CronFormatException(text[..60] + "…", null, 0, "", $"A text of {text.Length} characters",
                "is too long for a trigger", $"at most {MaxCharacters} are allowed");
        }

        this.text = text;
        Split();
        if (IsAtEnd)
        {
            throw new CronFormatException(text, null, 0, "", "An empty text", "is no trigger",
                "give a cron expression such as 0 9 * * mon-fri, a word such as @daily, or a form such as every 20 minutes");
        }
    }

    /// <summary>The words that have their own meaning between triggers.</summary>
    public static readonly IReadOnlyList<string> Keywords =
        ["from", "until", "in", "except", "times", "since", "jitter", "and", "or", "at", "every"];

    /// <summary>The index of the word to be read.</summary>
    public int Position { get; set; }

    public bool IsAtEnd => Position >= places.Count;

    /// <summary>The word to be read, or an empty text at the end.</summary>
    public string Word => IsAtEnd ? "" : Text((Position, Position + 1));

    /// <summary>Returns whether a word has its own meaning between triggers.</summary>
    public static bool IsKeyword(string word) => Keywords.Contains(word, StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns whether the word to be read, or a later word, is the given word in any case.</summary>
    public bool Is(string word, int ahead = 0) => Position + ahead < places.Count
        && string.Equals(Text((Position + ahead, Position + ahead + 1)), word, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the word if the word is the given word.</summary>
    public bool Take(string word)
    {
        var isTaken = Is(word);
        if (isTaken) Position++;
        return isTaken;
    }

    /// <summary>Reads a word.</summary>
    public string Next()
    {
        var word = Word;
        Position++;
        return word;
    }

    /// <summary>Whether the word to be read belongs to a value: neither a keyword nor a parenthesis.</summary>
    public bool IsValue => !IsAtEnd && Word is not ("(" or ")") && !IsKeyword(Word);

    /// <summary>Reads the words up to a keyword or a parenthesis, as written.</summary>
    public string ReadValue(string problem, string allowed)
    {
        var begin = Position;
        while (IsValue) Position++;
        if (Position == begin) throw Here(problem, allowed);
        return begin == 0 && IsAtEnd ? text : Text((begin, Position));
    }

    /// <summary>Reads a date, also a day and a time of day as two words, and returns the date in the form of ISO 8601.</summary>
    public string ReadDate()
    {
        if (IsAtEnd) throw Here("ends where a date is expected", IsoTime.AllowedTyped);
        var begin = Position++;
        if (Text((begin, Position)).Length == 10 && Word.Contains(':', StringComparison.Ordinal) && char.IsAsciiDigit(Word[0])) Position++;
        if (Word is ['+' or '-', _, _, ':', ..]) Position++;
        var date = IsoTime.Typed(Text((begin, Position)));
        return IsoTime.TryParse(date, ZoneClock.Utc, out _, out _)
            ? date
            : throw At((begin, Position), "is not a date", IsoTime.AllowedTyped);
    }

    /// <summary>Returns the text of words, with the spaces between the words.</summary>
    public string Text((int Begin, int End) words) => text[places[words.Begin].Start..places[words.End - 1].End];

    /// <summary>Makes the error for the word to be read.</summary>
    public CronFormatException Here(string problem, string allowed) => IsAtEnd
        ? new(text, null, text.TrimEnd().Length, "", "The text", problem, allowed)
        : At((Position, Position + 1), problem, allowed);

    /// <summary>Makes the error for words, or for a value within the words if the words contain the value.</summary>
    public CronFormatException At((int Begin, int End) words, string problem, string allowed, string? value = null)
    {
        var (start, whole) = (places[words.Begin].Start, Text(words));
        var inside = string.IsNullOrEmpty(value) ? -1 : whole.IndexOf(value, StringComparison.Ordinal);
        return inside < 0 ? new(text, null, start, whole, problem, allowed) : new(text, null, start + inside, value!, problem, allowed);
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

            places.Add((start, i));
        }
    }
}
