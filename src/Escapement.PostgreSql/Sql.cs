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

    /// <summary>Returns the next value of a counter that readers compare for equality. A counter at its maximum was written by
    /// hand, and begins anew, so that the statement changes the other rows.</summary>
    /// <param name="counter">The column.</param>
    public static string Next(string counter) => $"case when {counter} < 9223372036854775807 then {counter} + 1 else 0 end";

    public string Text { get; }

    public int Number { get; }

    /// <summary>Returns the text for a schema.</summary>
    /// <param name="schema">The schema as a quoted identifier.</param>
    public string Of(string schema) => Text.Replace("esc.", schema + ".", StringComparison.Ordinal);
}
