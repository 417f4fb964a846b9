using Escapement.Testing.Stores;
using Microsoft.Data.Sqlite;

namespace Escapement.Sqlite.Tests;

/// <summary>Numbers that a manual edit has changed, which claims compare.</summary>
public sealed class EditedNumbersTests : StoreContract<SqliteUnderTest>
{
    [Theory]
    [InlineData("update epoch set claims = 9223372036854775807")]
    [InlineData("update epoch set claims = -9223372036854775808")]
    public async Task A_number_that_claims_compare_stops_no_claim(string change)
    {
        await AddAsync("job", Every(10));
        await BeginAsync();
        using (SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = Store.Place.File, Pooling = false }.ToString()))
        {
            connection.Open();
            using SqliteCommand command = new(change, connection);
            command.ExecuteNonQuery();
        }

        var claimed = await Store.ClaimAsync(Request() with { Number = 1 }, None);

        Assert.Equal([0], FireTimes(claimed));
        await FinishAsync(claimed.Runs[0]);
        MoveTo(10);
        Assert.Equal([10], FireTimes(await Store.ClaimAsync(Request() with { Number = 2 }, None)));
        Assert.True((await Store.ClaimAsync(Request() with { Number = 2 }, None)).Fenced);
    }
}
