using System.Globalization;

namespace Escapement.Triggers;

/// <summary>Explains a date whose wall time is skipped or repeated by the clocks of its zone.</summary>
public static class GivenDate
{
    /// <summary>Returns the kind of the wall time and a sentence for people.</summary>
    /// <param name="trigger">Any trigger. Only a date without an offset has a remark.</param>
    /// <param name="language">The language of the sentence.</param>
    /// <returns>Null if the wall time is a single instant.</returns>
    public static (WallTimeKind Kind, string Sentence)? Remark(Trigger trigger, Language language)
    {
        if (trigger is not DateTrigger { Wall: { } wall } date) return null;
        var time = date.Zone.FromWall(wall);
        var (shown, zone) = (Shown(wall), date.Zone.Name);
        return time.Kind switch
        {
            WallTimeKind.Skipped => (time.Kind, language == Language.Chinese
                ? $"{shown} 在 {zone} 不存在（时钟拨快时被跳过）；改在 {WithOffset(time.First)} 触发。"
                : $"{shown} does not exist in {zone}, where clocks go forward over it; it fires at {WithOffset(time.First)} instead."),
            WallTimeKind.Repeated => (time.Kind, language == Language.Chinese
                ? $"{shown} 在 {zone} 出现两次（时钟拨慢）；在第一次触发，即 {WithOffset(time.First)}；第二次写作 {IsoTime.Format(time.Second)}。"
                : $"{shown} comes twice in {zone}, where clocks go back over it; it fires in the first pass, at {WithOffset(time.First)}. The second one is written {IsoTime.Format(time.Second)}."),
            _ => null,
        };
    }

    static string WithOffset(DateTimeOffset at) => $"{Shown(at.DateTime)} {at.ToString("zzz", CultureInfo.InvariantCulture)}";

    static string Shown(DateTime wall) => wall.ToString(
        wall.Ticks % TimeSpan.TicksPerSecond != 0 ? "yyyy-MM-dd HH:mm:ss.FFFFFF" : wall.Second != 0
            ? "yyyy-MM-dd HH:mm:ss"
            : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
