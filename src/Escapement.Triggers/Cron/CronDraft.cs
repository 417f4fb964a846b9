using System.Runtime.CompilerServices;

namespace Escapement.Triggers;

/// <summary>
/// The bits of a cron trigger while the trigger is read or combined. Becomes <see cref="CronFields"/>.
/// </summary>
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
