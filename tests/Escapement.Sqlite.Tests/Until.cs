namespace Escapement.Sqlite.Tests;

/// <summary>
/// Waits for a state of another process or of the kernel that has no event, by polling up to a limit.
/// </summary>
static class Until
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(5);

    /// <summary>Waits until a condition holds.</summary>
    /// <param name="holds">Evaluates the condition.</param>
    /// <param name="what">The condition as a clause, for the failure's message.</param>
    public static async Task HoldsAsync(Func<bool> holds, string what)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Limit, $"Within {Limit.TotalSeconds} s it did not happen that {what}.");
            await Task.Delay(BetweenLooks, TestContext.Current.CancellationToken);
        }
    }
}
