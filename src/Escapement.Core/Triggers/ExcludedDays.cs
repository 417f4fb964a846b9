namespace Escapement.Triggers;

/// <summary>What a trigger leaves out of each day.</summary>
sealed class ExcludedDays(ExceptTrigger except, DayMemo memo) : WallDays(except.Zone, memo)
{
    const int WholeDay = int.MinValue;
    const int PartsOfDay = int.MinValue + 1;

    readonly DayMemo memo = memo;
    readonly Exclusions exclusions = except.Exclusions;

    protected override bool IsOn(int wallDay, out int until)
    {
        var next = exclusions.NextWholeDay(wallDay) ?? int.MaxValue;
        until = next > wallDay ? next : wallDay + 1;
        return next == wallDay;
    }

    protected override DaySeconds OnWall(bool isOn) => isOn
        ? memo.Find(this, WholeDay) ?? memo.Keep(this, WholeDay, DaySeconds.OfStretches([(0, DaySeconds.Length)]))
        : memo.Find(this, PartsOfDay) ?? memo.Keep(this, PartsOfDay, DaySeconds.OfStretches(exclusions.PartsOfDay));
}
