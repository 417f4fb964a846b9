namespace Escapement.Triggers;

/// <summary>The days of several parts, joined from the first to the last; none without parts.</summary>
sealed class JoinedDays(DayJoin how, FireDays[] parts, DayMemo memo) : FireDays
{
    // What each part has now, and until when.
    readonly DaySeconds[] sets = new DaySeconds[parts.Length];
    readonly int[] untils = [.. parts.Select(_ => int.MinValue)];

    DaySeconds joined = DaySeconds.None;
    bool isJoined = parts.Length == 0;

    public override DaySeconds On(int day, out int until)
    {
        until = int.MaxValue;
        for (var i = 0; i < parts.Length; i++)
        {
            if (untils[i] <= day)
            {
                var now = parts[i].On(day, out untils[i]);
                isJoined &= now == sets[i];
                sets[i] = now;
            }

            // Whatever the others have meanwhile; they are not asked.
            if (sets[i] == DaySeconds.None && (how == DayJoin.Both || (how == DayJoin.Without && i == 0)))
            {
                until = untils[i];
                return DaySeconds.None;
            }

            until = Math.Min(until, untils[i]);
        }

        if (!isJoined) joined = memo.Join(how, sets);
        isJoined = true;
        return joined;
    }
}
