using Escapement.AspNetCore.Workers;

namespace Escapement.Workers.Tests;

public sealed class WorkerLinesTests
{
    [Theory]
    [InlineData("one\ntwo\n", "[7] one\n[7] two\n")]
    [InlineData("info: A[1]\n      Text.\n\n", "[7] info: A[1]\n[7]       Text.\n\n")]
    [InlineData("{\"Message\":\"x\"}\n<6>A[1] Text.\nplain", "{\"Message\":\"x\"}\n<6>A[1] Text.\n[7] plain")]
    public void Each_line_begins_with_the_process_unless_a_program_reads_the_line(string text, string written)
    {
        using var whole = new StringWriter();
        using var inPieces = new StringWriter();
        using (var lines = new WorkerLines(whole, "[7] ")) lines.Write(text);
        using (var lines = new WorkerLines(inPieces, "[7] "))
            foreach (var letter in text) lines.Write(letter);
        Assert.Equal((written, written), (whole.ToString(), inPieces.ToString()));
    }
}
