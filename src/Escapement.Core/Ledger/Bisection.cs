namespace Escapement.Ledger;

/// <summary>Searches sorted sequences by halving.</summary>
static class Bisection
{
    /// <summary>Returns the number of leading places that come before a border.</summary>
    /// <param name="count">The number of places.</param>
    /// <param name="state">The sequence and the border, so that the comparison needs no closure.</param>
    /// <param name="isBefore">Returns true for a place before the border, and false from the border on.</param>
    public static int Leading<T>(int count, T state, Func<T, int, bool> isBefore)
    {
        var (low, high) = (0, count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (isBefore(state, middle)) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
