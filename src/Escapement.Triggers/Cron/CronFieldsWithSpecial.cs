namespace Escapement.Triggers;

/// <summary>The fields of one of the few cron triggers that say something special as well.</summary>
sealed class CronFieldsWithSpecial(in CronDraft draft) : CronFields(draft)
{
    public CronSpecial Own { get; } = draft.Special!;
}
