using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Escapement.TestProcesses;

/// <summary>
/// A clock that causes trouble on request. An order file shifts the clock by a number of seconds, or stops the process
/// (SIGSTOP) at a reading of the clock.
/// </summary>
/// <remarks>
/// The engine reads the clock at the critical places: before a heartbeat, before a raise, and inside
/// each write transaction after the transaction has the write lock. The file contains a single order.
/// <c>off SECONDS</c> shifts the clock. <c>stop TEXT... !TEXT...</c> stops the process at the first
/// reading whose stack contains each text, but no text with an exclamation mark. <c>hold TEXT...</c>
/// blocks only the reading thread. A stop or a hold happens once. Beforehand, the file is deleted for
/// a stop and renamed to <c>.held</c> for a hold, which lasts until the renamed file is deleted.
/// </remarks>
sealed partial class TroubledClock(string orders) : TimeProvider
{
    const int Stop = 19;

    readonly Lock gate = new();
    long offset;

    public override DateTimeOffset GetUtcNow()
    {
        Obey();
        return base.GetUtcNow() + TimeSpan.FromTicks(Volatile.Read(ref offset));
    }

    public override long GetTimestamp()
    {
        Obey();
        return base.GetTimestamp();
    }

    void Obey()
    {
        if (!File.Exists(orders)) return;
        string[] words;
        try
        {
            words = File.ReadAllText(orders).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (FileNotFoundException)
        {
            return; // Another thread has executed the order.
        }

        if (words is ["off", var seconds])
        {
            Volatile.Write(ref offset, TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)).Ticks);
        }
        else if (words is [("stop" or "hold") and var what, .. var texts] && IsAt(texts))
        {
            StopHere(what == "hold");
        }
    }

    static bool IsAt(string[] texts)
    {
        var stack = string.Join('\n', new StackTrace(2, fNeedFileInfo: false).GetFrames().Select(frame => frame.GetMethod())
            .Select(method => $"{method?.DeclaringType?.FullName}.{method?.Name}"));
        return texts.All(text =>
            text[0] == '!' ? !stack.Contains(text[1..], StringComparison.Ordinal) : stack.Contains(text, StringComparison.Ordinal));
    }

    void StopHere(bool thisThreadAlone)
    {
        lock (gate)
        {
            if (!File.Exists(orders)) return;
            if (thisThreadAlone) File.Move(orders, orders + ".held");
            else File.Delete(orders);
        }

        while (thisThreadAlone && File.Exists(orders + ".held")) Thread.Sleep(1);
        // The signal goes to this thread, which therefore executes nothing further until the whole process is stopped.
        if (!thisThreadAlone) _ = raise(Stop);
    }

    [LibraryImport("libc", EntryPoint = "raise")]
    private static partial int raise(int signal);
}
