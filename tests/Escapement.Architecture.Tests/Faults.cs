namespace Escapement.Architecture.Tests;

/// <summary>What rules find.</summary>
static class Faults
{
    /// <summary>Fails the test with all faults, each on a line of its own.</summary>
    public static void AssertNone(IEnumerable<string> faults)
    {
        var found = faults.ToList();
        if (found.Count > 0)
        {
            Assert.Fail(string.Join('\n', found));
        }
    }

    /// <summary>Compares faults with a table of known faults, which can only become shorter.</summary>
    /// <returns>The faults that are missing in the table, and the rows of the table without a fault.</returns>
    public static IReadOnlyList<string> Differences(IEnumerable<string> faults, IEnumerable<string> table)
    {
        var (found, rows) = (faults.ToHashSet(), table.ToHashSet());
        return
        [
            .. found.Except(rows).Order(StringComparer.Ordinal).Select(fault => $"New: {fault}"),
            .. rows.Except(found).Order(StringComparer.Ordinal).Select(row => $"Mended, so remove the row from the table: {row}"),
        ];
    }
}
