using System.Runtime.CompilerServices;

namespace Escapement.Triggers;

/// <summary>A cron trigger while it is read or put together: what becomes <see cref="CronFields"/>, with the same bits.</summary>
struct CronDraft
{
    public ulong Seconds;
    public ulong Minutes;
    public uint Hours;
    public uint Days;
    public uint Months;
    public byte DaysOfWeek;
    public bool FiresInBothPasses;
    public CronSpecial? Special;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly CronFields ToFields() => Special is null ? new CronFields(this) : new CronFieldsWithSpecial(this);
}
