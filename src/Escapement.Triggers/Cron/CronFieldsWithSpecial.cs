namespace Escapement.Triggers;

/// <summary>The fields of a cron trigger that uses <see cref="CronSpecial"/> values.</summary>
sealed class CronFieldsWithSpecial(in CronDraft draft) : CronFields(draft)
{
    public CronSpecial Own { get; } = draft.Special!;
}
