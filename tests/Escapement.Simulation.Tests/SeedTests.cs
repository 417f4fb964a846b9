using Xunit;

namespace Escapement.Simulation.Tests;

public sealed class SeedTests
{
    [Fact]
    public void A_seed_is_written_as_it_is_read() => Assert.Equal("1234-3n-4f", Seed.Parse("1234-3n-4f").ToString());

    [Theory]
    [InlineData("")]
    [InlineData("1234")]
    [InlineData("1234-3n")]
    [InlineData("1234-7n-4f")]
    [InlineData("1234-0n-4f")]
    [InlineData("-1-3n-4f")]
    [InlineData("1234-3n-4f\n")]
    [InlineData("4294967296-3n-4f")]
    public void What_is_not_a_seed_is_refused_with_what_is_one(string text)
    {
        var refused = Assert.Throws<FormatException>(() => Seed.Parse(text));
        Assert.StartsWith($"'{text}' is not a seed.", refused.Message, StringComparison.Ordinal);
        Assert.Contains("1234-3n-4f", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("4-3n-4f", false)]
    [InlineData("544-3n-4f", true)]
    public void A_seed_tells_the_same_story_again(string text, bool each)
    {
        var seed = Seed.Parse(text);
        var stories = Enumerable.Range(0, 8).AsParallel().WithDegreeOfParallelism(4)
            .Select(_ => (each ? SimulationRun.OfEach(seed, traced: true) : SimulationRun.Of(seed, traced: true)).Story).ToList();

        Assert.NotEmpty(stories[0]);
        Assert.All(stories, story => Assert.Equal(stories[0], story));
    }
}
