namespace Escapement.Engine;

/// <summary>What can be learned of an exception, also of one whose own members throw.</summary>
static class Failure
{
    /// <summary>Returns the message; never throws.</summary>
    public static string MessageOf(Exception exception)
    {
        try
        {
            return exception.Message;
        }
        catch (Exception e)
        {
            return Unreadable(exception, e);
        }
    }

    /// <summary>Returns the type's name and the message; never throws.</summary>
    public static string TextOf(Exception exception)
    {
        try
        {
            return $"{exception.GetType().Name}: {exception.Message}";
        }
        catch (Exception e)
        {
            return Unreadable(exception, e);
        }
    }

    /// <summary>Returns the exception itself, or one that says what can be learned of it where a log could not write it.</summary>
    public static Exception Loggable(Exception exception)
    {
        try
        {
            _ = exception.ToString();
            return exception;
        }
        catch (Exception)
        {
            return new InvalidOperationException(TextOf(exception));
        }
    }

    static string Unreadable(Exception exception, Exception why) =>
        $"{exception.GetType().Name}, whose message cannot be read: {why.GetType().Name}";
}
