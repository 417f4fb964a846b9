using System.Globalization;
using Escapement.Ledger;

namespace Escapement.Rows;

/// <summary>The numbers of an enumeration that a process writes.</summary>
/// <typeparam name="T">The enumeration.</typeparam>
static class StoredNumbers<T>
    where T : struct, Enum
{
    static readonly Dictionary<long, T> Values = Enum.GetValues<T>().Where(value => !Equals(value, Reason.NotClaimed))
        .ToDictionary(value => Convert.ToInt64(value, CultureInfo.InvariantCulture));

    /// <summary>The numbers as ranges, such as <c>1 – 6, 8 – 13</c>.</summary>
    public static string Ranges { get; } = string.Join(", ", Values.Keys.Order().Select((number, place) => (number, Range: number - place))
        .GroupBy(each => each.Range, each => each.number)
        .Select(range => range.First() == range.Last()
            ? string.Create(CultureInfo.InvariantCulture, $"{range.First()}")
            : string.Create(CultureInfo.InvariantCulture, $"{range.First()} – {range.Last()}")));

    /// <summary>Returns the value of a number, or null for a number that no process writes.</summary>
    public static T? Of(long number) => Values.TryGetValue(number, out var value) ? value : null;
}
