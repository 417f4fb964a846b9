using System.Reflection;
using Escapement.PostgreSql;
using Escapement.TestProcesses;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Escapement.Scenarios.Tests;

/// <summary>Tests of the wording of log events. All other tests wait for the numbers.</summary>
public sealed class LogEventTests
{
    static readonly Type[] Logs =
        [typeof(Log), typeof(PostgreSqlStore).Assembly.GetType("Escapement.PostgreSql.PostgreSqlLog", throwOnError: true)!];

    static LoggerMessageAttribute? Declared(LogEvent what) =>
        Logs.Select(log => log.GetMethod(what.ToString(), BindingFlags.Static | BindingFlags.Public)).FirstOrDefault(method => method is not null)
            ?.GetCustomAttribute<LoggerMessageAttribute>();

    [Fact]
    public void Each_event_that_tests_wait_for_has_the_name_and_number_of_the_log() =>
        Assert.All(Enum.GetValues<LogEvent>().Except([LogEvent.None, LogEvent.Serving]), what =>
            Assert.Equal((int)what, Declared(what)?.EventId));

    [Theory]
    [InlineData(LogEvent.Active, "Active with epoch {Epoch}.")]
    [InlineData(LogEvent.Standby, "Standby. {Sentence}")]
    [InlineData(LogEvent.TakenOver,
        "Active with epoch {Epoch}, {Gap} after the last sign of life of process {Pid} on {Host}, which ended: {How}. {Settled} of its runs were settled as interrupted.")]
    [InlineData(LogEvent.Leaving, "Stepped down: epoch {Epoch} ended.")]
    [InlineData(LogEvent.Fenced, "Fenced. {Sentence}")]
    [InlineData(LogEvent.Remark, "{Remark}")]
    [InlineData(LogEvent.StoreDown, "The store is unavailable: {Message} This process retries, and runs no jobs until then.")]
    [InlineData(LogEvent.StoreUp, "The store is available again.")]
    [InlineData(LogEvent.ClaimsStopped, "Claims stopped: {Message} Claims resume when the store is available again.")]
    [InlineData(LogEvent.ClaimsGoOn, "Claims resumed.")]
    [InlineData(LogEvent.RecordFailed, "{Count} outcomes cannot be recorded yet: {Message} The outcomes are kept and retried.")]
    [InlineData(LogEvent.DroppedUnstarted, "Job {Job} was not started for its fire time {FireTime:O}: this process has lost its epoch.")]
    [InlineData(LogEvent.ClockJumped, "The wall clock jumped by {Jump}.")]
    [InlineData(LogEvent.LockFileReplaced,
        "The lock file was replaced under this active process. The process stays active, and locks the new file as soon as possible.")]
    [InlineData(LogEvent.Settled, "Settled {Count} runs of ended processes.")]
    [InlineData(LogEvent.RefusedBySetting, "Not scheduling. {Sentence}")]
    [InlineData(LogEvent.WarmedUp, "Warmed up with {Times} takeovers that were undone.")]
    [InlineData(LogEvent.WentOnFenced,
        "Job {Job} continued for its fire time {FireTime:O}, although the run was cancelled when this process lost its epoch. Its outcome {Outcome} is not recorded. The run was settled as interrupted, and may have run again in parallel.")]
    [InlineData(LogEvent.StillRunning,
        "Still running: {Jobs}. These runs may continue until {Until:O}. A second Ctrl+C (SIGINT) stops the runs at once.")]
    [InlineData(LogEvent.StopsRuns, "Runs are stopped and recorded as interrupted: {Jobs}.")]
    public void Each_event_has_its_sentence(LogEvent what, string sentence) => Assert.Equal(sentence, Declared(what)?.Message);
}
