namespace Escapement.Ledger;

/// <summary>The text of an exception for people.</summary>
static class ExceptionText
{
    /// <summary>Returns the kind and the message; only the kind where the message itself throws, as the user's own exceptions may.</summary>
    public static string Of(Exception e)
    {
        try
        {
            return $"{e.GetType().Name}: {e.Message}";
        }
        catch (Exception)
        {
            return e.GetType().Name;
        }
    }
}
