namespace Escapement.Ledger;

/// <summary>Formats exceptions for people.</summary>
static class ExceptionText
{
    /// <summary>Returns the type and the message, or only the type if reading the message throws, as a user's own
    /// exception may.</summary>
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
