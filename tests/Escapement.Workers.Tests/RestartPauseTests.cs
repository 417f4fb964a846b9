using Escapement.AspNetCore.Workers;

namespace Escapement.Workers.Tests;

public sealed class RestartPauseTests
{
    static readonly TimeSpan Short = TimeSpan.FromSeconds(0.9);

    [Fact]
    public void Short_lives_are_followed_by_longer_and_longer_pauses_of_at_most_five_seconds()
    {
        List<double> pauses = [];
        for (var pause = TimeSpan.Zero; pauses.Count < 8;) pauses.Add((pause = RestartPause.After(pause, Short)).TotalMilliseconds);
        Assert.Equal([100, 200, 400, 800, 1600, 3200, 5000, 5000], pauses);
    }

    [Fact]
    public void A_long_life_is_followed_by_none() =>
        Assert.Equal(TimeSpan.Zero, RestartPause.After(before: TimeSpan.FromSeconds(5), lived: TimeSpan.FromSeconds(1)));
}
