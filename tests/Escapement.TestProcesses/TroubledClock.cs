using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Escapement.TestProcesses;

/// <summary>A clock that does harm when a file asks for it: it is wrong by so many seconds, or stops its own process (SIGSTOP) where the code asks for the time.</summary>
/// <remarks>
/// The engine asks for the time at the places that matter: before a beat, before a raise, and inside each write transaction once it has the write lock.
/// Orders, each alone in the file: <c>off SECONDS</c>; <c>stop TEXT... !TEXT...</c>, at the first call whose stack holds each of the texts and none with
/// an exclamation mark; <c>hold TEXT...</c>, which lets that thread alone wait there. Each is done once: the file is gone by then, or named <c>.held</c> until it is deleted.
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
            return; // Another thread has obeyed it.
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
        // At this thread, so that it goes no step further before the whole process stands.
        if (!thisThreadAlone) _ = raise(Stop);
    }

    [LibraryImport("libc", EntryPoint = "raise")]
    private static partial int raise(int signal);
}
