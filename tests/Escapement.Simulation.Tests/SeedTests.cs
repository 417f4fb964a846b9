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

    [Fact]
    public void A_seed_tells_the_same_story_again()
    {
        var one = SimulationRun.Of(Seed.Parse("4-3n-4f"), traced: true);
        var other = SimulationRun.Of(Seed.Parse("4-3n-4f"), traced: true);

        Assert.NotEmpty(one.Story);
        Assert.Equal(one.Story, other.Story);
    }
}
