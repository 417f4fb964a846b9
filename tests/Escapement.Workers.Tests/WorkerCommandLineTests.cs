using Escapement.AspNetCore.Workers;

namespace Escapement.Workers.Tests;

public sealed class WorkerCommandLineTests
{
    [Theory]
    [InlineData("--workers 4", 4, "")]
    [InlineData("--workers=64", 64, "")]
    [InlineData("--data d --workers 1 --urls http://127.0.0.1:1", 1, "--data d --urls http://127.0.0.1:1")]
    [InlineData("--workersize 4", null, "--workersize 4")]
    [InlineData("-- --workers 4", null, "-- --workers 4")]
    public void The_number_is_taken_out_and_all_else_is_for_the_workers(string line, int? count, string rest)
    {
        var parsed = WorkerCommandLine.Parse(line.Split(' '));
        Assert.Equal(count, parsed.Count);
        Assert.Equal(rest, string.Join(' ', parsed.Rest));
    }

    [Theory]
    [InlineData("--workers 0", "'0' is not")]
    [InlineData("--workers -1", "'-1' is not")]
    [InlineData("--workers abc", "'abc' is not")]
    [InlineData("--workers 1000", "'1000' is not")]
    [InlineData("--workers 2.5", "'2.5' is not")]
    [InlineData("--workers=", "'' is not")]
    [InlineData("--workers", "not followed by")]
    [InlineData("--workers 2 --workers 3", "given twice")]
    public void Anything_else_is_refused_with_what_is_allowed(string line, string said)
    {
        var fault = Assert.Throws<FormatException>(() => WorkerCommandLine.Parse(line.Split(' ')));
        Assert.Contains(said, fault.Message, StringComparison.Ordinal);
        Assert.EndsWith("--workers takes a whole number from 1 to 64.", fault.Message, StringComparison.Ordinal);
    }
}
