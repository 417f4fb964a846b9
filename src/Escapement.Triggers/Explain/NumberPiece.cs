using System.Numerics;

namespace Escapement.Triggers;

/// <summary>
/// A part of a set of numbers as people say the numbers: a single number, a run, or a progression with a step.
/// </summary>
readonly record struct NumberPiece(int First, int Last, int Step)
{
    public bool IsSingle => First == Last;

    public bool IsRun => !IsSingle && Step == 1;

    /// <summary>Returns the numbers whose bits are set.</summary>
    public static List<int> Numbers(ulong bits)
    {
        var numbers = new List<int>(BitOperations.PopCount(bits));
        for (; bits != 0; bits &= bits - 1) numbers.Add(BitOperations.TrailingZeroCount(bits));
        return numbers;
    }

    /// <summary>Divides ascending numbers into pieces that together contain exactly the given numbers.</summary>
    /// <param name="numbers">The numbers, ascending and without repetition.</param>
    /// <param name="progression">
    /// The least count of numbers for a progression with a step above 1. A run has at least three numbers.
    /// </param>
    public static List<NumberPiece> Of(IReadOnlyList<int> numbers, int progression)
    {
        List<NumberPiece> pieces = [];
        for (var i = 0; i < numbers.Count;)
        {
            var end = i + 1;
            var step = end < numbers.Count ? numbers[end] - numbers[i] : 0;
            while (end < numbers.Count && numbers[end] - numbers[end - 1] == step) end++;
            if (end - i >= (step == 1 ? 3 : progression))
            {
                pieces.Add(new(numbers[i], numbers[end - 1], step));
                i = end;
            }
            else
            {
                pieces.Add(new(numbers[i], numbers[i], 1));
                i++;
            }
        }

        return pieces;
    }

    /// <summary>
    /// Returns the first and last of numbers that follow each other around a circle, or null for a set with gaps, with
    /// fewer than three numbers, or with the whole circle.
    /// </summary>
    /// <param name="bits">The set.</param>
    /// <param name="first">The circle's smallest number.</param>
    /// <param name="last">The circle's largest number.</param>
    public static (int First, int Last)? AroundCircle(ulong bits, int first, int last)
    {
        var size = last - first + 1;
        var count = BitOperations.PopCount(bits);
        if (count < 3 || count == size) return null;
        for (var start = first; start <= last; start++)
        {
            if ((bits >> start & 1) == 0 || (bits >> (start == first ? last : start - 1) & 1) != 0) continue;
            for (var i = 0; i < count; i++)
            {
                if ((bits >> (first + ((start - first + i) % size)) & 1) == 0) return null;
            }

            return (start, first + ((start - first + count - 1) % size));
        }

        return null;
    }
}
