namespace Escapement.PostgreSql;

/// <summary>A statement of the store. Each session prepares the statement once, and finds it by its number.</summary>
sealed class Sql
{
    static int count;

    /// <param name="text">The text, in which <c>esc.</c> stands for the schema of the store.</param>
    public Sql(string text)
    {
        Text = text;
        Number = Interlocked.Increment(ref count) - 1;
    }

    public string Text { get; }

    public int Number { get; }

    /// <summary>Returns the text for a schema.</summary>
    /// <param name="schema">The schema as a quoted identifier.</param>
    public string Of(string schema) => Text.Replace("esc.", schema + ".", StringComparison.Ordinal);
}
