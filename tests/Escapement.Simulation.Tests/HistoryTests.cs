using Escapement.Jobs;
using Escapement.Ledger;
using Xunit;

namespace Escapement.Simulation.Tests;

/// <summary>The laws over records of real processes: a sound history keeps the laws, and each planted defect is found.</summary>
public sealed class HistoryTests
{
    static readonly JobId Job = JobId.Parse("report");

    readonly List<Run> runs = [Ran(at: 1, epoch: 1, token: 11), Ran(at: 2, epoch: 2, token: 12), Settled(at: 3, epoch: 1, token: 13)];
    readonly List<RecordedStart> starts = [Started(at: 1, token: 11, pid: 101), Started(at: 2, token: 12, pid: 102),
        Started(at: 3, token: 13, pid: 101)];
    readonly List<NodeActivation> epochs = [Activation(1, pid: 101, begun: 0, ended: 4), Activation(2, pid: 102, begun: 0, ended: 9)];
    LedgerAccount account = AccountOf(due: 3);
    readonly List<Imbalance> imbalances = [];
    bool oneIsActive;

    [Fact]
    public void A_sound_history_keeps_all_laws() => Assert.Null(Check().Failure);

    [Fact]
    public void A_start_that_is_recorded_twice_is_found() => Finds(Law.StartedOnce, () => starts.Add(starts[0]));

    [Fact]
    public void A_start_after_the_settlement_of_its_run_is_found() =>
        Finds(Law.NoStartAfterSettlement, () => starts[2] = starts[2] with { At = At(8) });

    [Fact]
    public void A_start_without_a_claim_is_found() => Finds(Law.LedgerIsTrue, () => starts.Add(Started(at: 4, token: 14, pid: 101)));

    [Fact]
    public void A_start_under_another_token_is_found() => Finds(Law.LedgerIsTrue, () => starts[0] = starts[0] with { Token = 10 });

    [Fact]
    public void A_start_in_another_process_is_found() => Finds(Law.LedgerIsTrue, () => starts[0] = starts[0] with { Pid = 102 });

    [Fact]
    public void A_success_without_a_start_is_found() => Finds(Law.LedgerIsTrue, () => starts.RemoveAt(1));

    [Fact]
    public void A_token_that_is_given_twice_is_found() => Finds(Law.NumbersGrow, () =>
        (runs[1], starts[1]) = (runs[1] with { Token = 11 }, starts[1] with { Token = 11 }));

    [Fact]
    public void A_token_that_shrinks_is_found() => Finds(Law.NumbersGrow, () =>
        (runs[1], starts[1]) = (runs[1] with { Token = 10 }, starts[1] with { Token = 10 }));

    [Fact]
    public void A_claim_after_the_end_of_its_epoch_is_found() => Finds(Law.ClaimUnderLivingEpoch, () =>
        runs[2] = runs[2] with { ClaimedAt = At(5) });

    [Fact]
    public void An_epoch_whose_number_does_not_grow_is_found() => Finds(Law.NumbersGrow, () =>
        epochs[0] = epochs[0] with { Begun = At(1) });

    [Fact]
    public void A_run_of_an_ended_epoch_that_is_never_settled_is_found() => Finds(Law.RunsAreSettled, () =>
        runs[2] = runs[2] with { State = RunState.Running, Outcome = null, FinishedAt = null });

    [Fact]
    public void Two_active_nodes_are_found_where_one_is_active() => Finds(Law.OneEpochAtATime, () => oneIsActive = true);

    [Fact]
    public void An_audit_that_does_not_add_up_is_found() => Finds(Law.AccountBalances, () =>
        account = AccountOf(due: 4));

    [Fact]
    public void A_contradiction_of_the_audit_is_found() => Finds(Law.AccountBalances, () =>
        imbalances.Add(new() { Job = Job, FireTime = At(1), Sentence = "" }));

    [Fact]
    public void A_start_whose_claim_the_server_lost_is_counted()
    {
        starts.Add(Started(at: 4, token: 14, pid: 101));
        starts.Add(Started(at: 2, token: 10, pid: 101));

        var (failure, lost) = Check((At(1.9), At(5)));

        Assert.Null(failure);
        Assert.Equal(2, lost);
    }

    void Finds(Law law, Action plant)
    {
        plant();
        Assert.Equal(law, Check().Failure?.Law);
    }

    (Failure? Failure, int LostStarts) Check((DateTimeOffset, DateTimeOffset)? lost = null)
    {
        var history = new History
        {
            Runs = runs,
            Starts = starts,
            OneIsActive = oneIsActive,
            Lost = lost,
            Audit = new()
            {
                From = At(0),
                To = At(10),
                At = At(10),
                CompleteSince = null,
                Account = account,
                Jobs = [],
                Activations = epochs,
                Items = [],
                Causes = [],
                Imbalances = imbalances,
                IsCut = false,
            },
        };
        return (history.Check(), history.LostStarts);
    }

    static LedgerAccount AccountOf(long due) =>
        new() { Due = due, Ran = 3, Running = 0, Skipped = 0, Missed = 0, Balanced = true, Sentence = "" };

    static Run Ran(double at, long epoch, long token) => new()
    {
        Id = IdOf(at),
        Job = Job,
        FireTime = At(at),
        State = RunState.Ended,
        Attempt = 1,
        ClaimedAt = At(at),
        StartedAt = At(at),
        FinishedAt = At(at + 1),
        Outcome = Outcome.Succeeded,
        Node = "node",
        Epoch = epoch,
        Token = token,
    };

    static Run Settled(double at, long epoch, long token) =>
        Ran(at, epoch, token) with { Outcome = Outcome.Interrupted, StartedAt = null, FinishedAt = At(7) };

    static RecordedStart Started(double at, long token, int pid) => new(IdOf(at), Job, 1, token, pid, At(at + 0.5));

    static NodeActivation Activation(long number, int pid, double begun, double ended) => new()
    {
        Epoch = number,
        Node = new($"node-{pid}", pid, "web-1", At(0), null),
        Begun = At(begun),
        Ended = At(ended),
        How = EpochEnd.LeaseOver,
        EndedBy = null,
        Gap = null,
        Sentence = "",
    };

    static RunId IdOf(double at) => new(At(at).ToMicros(), 1, 0);

    static DateTimeOffset At(double seconds) => World.Start + TimeSpan.FromSeconds(seconds);
}
