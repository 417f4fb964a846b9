using Xunit;

namespace Escapement.Core.Tests.Ledger;

/// <summary>Tests of the author of a change.</summary>
public sealed class ChangeAuthorTests
{
    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("\t")]
    public void A_blank_text_counts_as_null(string blank)
    {
        ChangeAuthor author = new() { By = blank, Why = blank, Origin = blank };
        Assert.Equal((null, null, null), (author.By, author.Why, author.Origin));
    }
}
