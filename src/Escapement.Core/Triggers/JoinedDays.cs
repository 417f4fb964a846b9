namespace Escapement.Triggers;

/// <summary>The days of several parts, joined from the first to the last; none without parts.</summary>
sealed class JoinedDays(DayJoin how, FireDays[] parts, DayMemo memo) : FireDays
{
    // What each part has now, and until when.
    readonly DaySeconds[] sets = new DaySeconds[parts.Length];
    readonly int[] untils = [.. parts.Select(_ => int.MinValue)];

    DaySeconds joined = DaySeconds.None;

    public override DaySeconds On(int day, out int until)
    {
        until = int.MaxValue;
        var noneUntil = day;
        var isChanged = false;
        for (var i = 0; i < parts.Length; i++)
        {
            if (untils[i] <= day)
            {
                var now = parts[i].On(day, out untils[i]);
                isChanged |= now != sets[i];
                sets[i] = now;
            }

            until = Math.Min(until, untils[i]);
            if (sets[i] == DaySeconds.None && (how == DayJoin.Both || (how == DayJoin.Without && i == 0))) noneUntil = Math.Max(noneUntil, untils[i]);
        }

        // Whatever the others have meanwhile.
        until = Math.Max(until, noneUntil);
        if (isChanged) joined = memo.Join(how, sets);
        return joined;
    }
}
