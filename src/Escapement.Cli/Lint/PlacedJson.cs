using System.Text;
using System.Text.Json;

namespace Escapement.Cli.Lint;

/// <summary>
/// JSON with the place of each value in its source.
/// Comments and trailing commas are allowed, as in .NET settings files.
/// </summary>
sealed class PlacedJson
{
    static readonly JsonReaderOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Gets the parsed value.</summary>
    public required JsonElement Value { get; init; }

    /// <summary>Gets the place of the whole value. For an object or a list, the remainder of its first line.</summary>
    public required Place Place { get; init; }

    /// <summary>
    /// Gets the place of the text between the quotes if the text has no escapes.
    /// Otherwise the same as <see cref="Place"/>.
    /// </summary>
    public required Place Inner { get; init; }

    public IReadOnlyList<(string Name, Place Place, PlacedJson Value)> Properties { get; private init; } = [];

    public IReadOnlyList<PlacedJson> Items { get; private init; } = [];

    /// <summary>Gets a string without its quotes, and every other value as written.</summary>
    public string Text => Value.ValueKind == JsonValueKind.String ? Value.GetString()! : Value.GetRawText();

    /// <exception cref="JsonException">The source is not JSON. The exception gives the line and the
    /// position.</exception>
    public static PlacedJson Parse(Source source) =>
        Parse(Encoding.UTF8.GetBytes(source.Text), new Positions(source).Of, isEmbedded: false);

    /// <summary>Reads JSON from within a string. All values have the place of the string.</summary>
    public static PlacedJson Parse(string text, Place place) => Parse(Encoding.UTF8.GetBytes(text), (_, _) => place, isEmbedded: true);

    /// <summary>Returns the place of a parse failure.</summary>
    public static Place PlaceOf(JsonException failure, Source source)
    {
        var line = (int)Math.Min(failure.LineNumber ?? 0, source.Lines.Count - 1);
        var bytes = Encoding.UTF8.GetBytes(source.Lines[line]);
        return new(source, line, Encoding.UTF8.GetCharCount(bytes, 0, (int)Math.Min(failure.BytePositionInLine ?? 0, bytes.Length)), 1);
    }

    /// <summary>Returns the value for a reader of any format.</summary>
    public PlacedNode AsNode() => new(Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? null : Text, Inner)
    {
        Properties = [.. Properties.Select(property => (property.Name, property.Value.AsNode()))],
        Items = [.. Items.Select(item => item.AsNode())],
    };

    /// <summary>Returns the value as a number if a number was given as text.</summary>
    public PlacedJson AsNumber()
    {
        if (Value.ValueKind != JsonValueKind.String || !decimal.TryParse(Text, System.Globalization.NumberStyles.Float,
            System.Globalization.CultureInfo.InvariantCulture, out var number))
        {
            return this;
        }

        return new() { Value = JsonSerializer.SerializeToElement(number), Place = Place, Inner = Inner };
    }

    /// <summary>Returns a list whose items were given individually, under keys of their own.</summary>
    public static PlacedJson ListOf(IReadOnlyList<PlacedJson> items) => new()
    {
        Value = JsonSerializer.SerializeToElement(items.Select(item => item.Value)),
        Place = items[0].Place,
        Inner = items[0].Place,
        Items = items,
    };

    static PlacedJson Parse(byte[] bytes, Func<int, int, Place> at, bool isEmbedded)
    {
        var reader = new Utf8JsonReader(bytes, Lenient);
        reader.Read();
        var root = Read(ref reader, bytes, at, isEmbedded);
        // Any further content is invalid, so the reader throws.
        reader.Read();
        return root;
    }

    static PlacedJson Read(ref Utf8JsonReader reader, byte[] bytes, Func<int, int, Place> at, bool isEmbedded)
    {
        var start = (int)reader.TokenStartIndex;
        List<(string, Place, PlacedJson)> properties = [];
        List<PlacedJson> items = [];
        var isEscaped = reader.ValueIsEscaped;
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (name, place) = (TextOf(ref reader, bytes), at((int)reader.TokenStartIndex, (int)reader.BytesConsumed));
                reader.Read();
                properties.Add((name, place, Read(ref reader, bytes, at, isEmbedded)));
            }
        }
        else if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) items.Add(Read(ref reader, bytes, at, isEmbedded));
        }

        else if (reader.TokenType == JsonTokenType.String)
        {
            TextOf(ref reader, bytes);
        }

        var end = (int)reader.BytesConsumed;
        using var document = JsonDocument.Parse(bytes.AsMemory(start, end - start),
            new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        var whole = at(start, end);
        var isPlain = reader.TokenType == JsonTokenType.String && !isEscaped && !isEmbedded && bytes[start] == '"';
        return new()
        {
            Value = document.RootElement.Clone(),
            Place = whole,
            Inner = isPlain && whole.Length >= 2 ? whole.Part(1, whole.Length - 2) : whole,
            Properties = properties,
            Items = items,
        };
    }

    // The reader accepts an unpaired surrogate, which would fail only on access.
    static string TextOf(ref Utf8JsonReader reader, byte[] bytes)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException failure)
        {
            var before = bytes.AsSpan(0, (int)reader.TokenStartIndex);
            throw new JsonException(JsonFault.HalfACharacter, null, before.Count((byte)'\n'),
                before.Length - before.LastIndexOf((byte)'\n') - 1, failure);
        }
    }

    /// <summary>Converts byte positions to lines and characters.</summary>
    sealed class Positions
    {
        readonly Source source;
        readonly byte[] bytes;
        readonly List<int> lineStarts = [0];

        public Positions(Source source)
        {
            this.source = source;
            bytes = Encoding.UTF8.GetBytes(source.Text);
            for (var i = 0; i < bytes.Length; i++)
            {
                if (bytes[i] == '\n') lineStarts.Add(i + 1);
            }
        }

        public Place Of(int start, int end)
        {
            var line = lineStarts.BinarySearch(start) is >= 0 and var exact ? exact : ~lineStarts.BinarySearch(start) - 1;
            var first = Encoding.UTF8.GetCharCount(bytes, lineStarts[line], start - lineStarts[line]);
            var length = Encoding.UTF8.GetCharCount(bytes, start, end - start);
            return new(source, line, first, Math.Max(1, Math.Min(length, source.Lines[line].Length - first)));
        }
    }
}
