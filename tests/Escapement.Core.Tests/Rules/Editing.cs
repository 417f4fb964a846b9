using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using static Escapement.Core.Tests.Rules.Arrange;

namespace Escapement.Core.Tests.Rules;

/// <summary>Applies edits to a job, like a store.</summary>
public abstract class Editing
{
    private protected StoredJob? Now { get; set; }

    private protected EditedJob Edited { get; private set; } = null!;

    /// <summary>Gets the movement of the watermark by the last edit, in seconds.</summary>
    private protected (double? From, double? To) Moved => (Seconds(Edited.Action!.From), Seconds(Edited.Action.To));

    /// <summary>
    /// Gets the end of the old definition and the beginning of the new definition in the last edit, in seconds.
    /// </summary>
    private protected (double? Closes, double? Opens) Definitions =>
        (Seconds(Edited.ClosesDefinitionAt), Seconds(Edited.OpensDefinitionFrom));

    private protected StoredJob? Edit(JobEdit edit, double now)
    {
        edit.Prepare(At(now));
        Edited = JobEdits.Apply(Now, edit, At(now));
        return Now = Edited.Changed ? Edited.Numbered(Now?.Number ?? 1, 9) : Edited.After;
    }

    private protected void Claim(double now)
    {
        var decision = Decided(Now!, Arrange.Claim(now));
        Now = Now! with
        {
            State = Now.State.WithNext(decision.Next) with
            {
                Last = decision.Run?.ToMicros()
            ?? Now.State.Last,
                Change = Now.State.Change + 1
            }
        };
    }

    private protected static Job Declared(Escapement.Triggers.Trigger? trigger, string hash = "1") =>
        Job(trigger) with { Origin = JobOrigin.Code, DeclaredHash = hash };
}
