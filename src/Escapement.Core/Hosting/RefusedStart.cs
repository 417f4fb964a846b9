using Escapement.Leadership;
using Escapement.Stores;
using Microsoft.Extensions.Logging;

namespace Escapement.Hosting;

/// <summary>Ends the process with exit code 1 and a single sentence if the scheduler refuses to start and the program
/// does not catch the exception.</summary>
static class RefusedStart
{
    const string Logged = "Escapement.Logged", Declaration = "Escapement.Declaration";

    static int watches;

    /// <summary>Watches the unhandled exceptions of the process. The first call is effective.</summary>
    public static void Watch()
    {
        if (Interlocked.Exchange(ref watches, 1) == 0) AppDomain.CurrentDomain.UnhandledException += (_, e) => End(e.ExceptionObject);
    }

    /// <summary>Marks an exception that the host logs, so that the sentence is not printed again.</summary>
    public static void Mark(Exception refusal, ILoggerFactory logs)
    {
        if (logs.CreateLogger("Microsoft.Extensions.Hosting.Internal.Host").IsEnabled(LogLevel.Error)) refusal.Data[Logged] = true;
    }

    /// <summary>Marks an exception of an invalid declaration with the declaration, for the sentence of the refusal.</summary>
    public static void Name(Exception exception, string declaration) => exception.Data[Declaration] = declaration;

    /// <summary>Returns true for a refusal whose message says what to do, so that a stack trace adds nothing.</summary>
    static bool IsRefusal(object exception) =>
        exception is SettingsException or StoreRefusedException or LockRefusedException
        || (exception is Exception { Data: var data } && data.Contains(Declaration))
        || (exception is AggregateException { InnerExceptions: [var only] } && IsRefusal(only));

    static void End(object exception)
    {
        if (!IsRefusal(exception)) return;
        var refusal = (Exception)exception;
        while (refusal is AggregateException several) refusal = several.InnerException!;
#pragma warning disable RS0030 // The log of the program has ended, or never began.
        if (!refusal.Data.Contains(Logged)) Console.Error.WriteLine($"{(refusal.Data[Declaration] is string place ? $"{place}: " : "")}{refusal.Message}");
#pragma warning restore RS0030
        Environment.Exit(1);
    }
}
