using System.Text;

namespace Escapement.Engine;

/// <summary>Reads exceptions safely, even if the members of an exception throw.</summary>
static class Failure
{
    const int MaxInner = 5;

    /// <summary>Returns the message. Never throws.</summary>
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

    /// <summary>Returns the type's name and the message, followed by the types and messages of at most five inner
    /// exceptions. Never throws.</summary>
    public static string TextOf(Exception exception)
    {
        StringBuilder text = new(OwnTextOf(exception));
        var inner = exception.InnerException;
        for (var count = 0; inner is not null && count < MaxInner; count++)
        {
            text.Append(" ---> ").Append(OwnTextOf(inner));
            inner = inner.InnerException;
        }

        return text.ToString();
    }

    static string OwnTextOf(Exception exception)
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

    /// <summary>
    /// Returns the exception itself, or a substitute with its readable parts if a log could not write the exception.
    /// </summary>
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
