using Escapement.AspNetCore.Workers;

namespace Escapement.Workers.Tests;

public sealed class ProcessStatusTests
{
    [Theory]
    [InlineData("T (stopped)", 0, true, false)]
    [InlineData("T (stopped)", 4711, true, true)]
    [InlineData("t (tracing stop)", 4711, false, true)]
    [InlineData("S (sleeping)", 0, false, false)]
    public void It_tells_a_stopped_process_from_one_in_a_debugger(string state, int tracer, bool stopped, bool traced)
    {
        var status = ProcessStatus.Parse(["Name:\tx", $"State:\t{state}", $"TracerPid:\t{tracer}", "Uid:\t0\t0\t0\t0"]);
        Assert.Equal((stopped, traced), (status.IsStopped, status.IsTraced));
    }

    [Fact]
    public void This_process_goes_on() => Assert.False(ProcessStatus.Of(Environment.ProcessId).IsStopped);
}
