using Escapement.Ledger;
using Escapement.Stores;
using Microsoft.Extensions.Time.Testing;

namespace Escapement.PostgreSql.Tests;

/// <summary>Two processes of a store with different values of <c>SINGLE_ACTIVE</c> are not active together.</summary>
public sealed class ActiveSettingTests : IAsyncLifetime
{
    static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    readonly FakeTimeProvider clock = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    readonly PostgreSqlUnderTest source = new();
    PostgreSqlStore single = null!, each = null!;

    public async ValueTask InitializeAsync()
    {
        (single, each) = (source.Store(clock, isSingleActive: true), source.Store(clock));
        await single.OpenAsync("test", default);
        await each.OpenAsync("test", default);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task A_process_does_not_enter_beside_an_active_process_with_the_other_setting(bool isSingle)
    {
        var active = await BeginAsync(isSingle);

        var told = await Assert.ThrowsAsync<StoreUnavailableException>(() => EnterAsync(!isSingle));

        Assert.Contains("Process 7 on web-1 is active", told.Message, StringComparison.Ordinal);
        Assert.Contains($"with SINGLE_ACTIVE={Text(isSingle)}, and this process has SINGLE_ACTIVE={Text(!isSingle)}", told.Message, StringComparison.Ordinal);
        Assert.DoesNotContain((await single.LookAsync(Sign.None, default)).Nodes, node => node.Name.Id == NameOf(!isSingle).Id);
        await StoreOf(isSingle).ChangeEpochsAsync(new() { By = (active.Node.Id, active.Number), StepDown = new(clock.GetUtcNow(), EpochEnd.SteppedDown) }, default);
        await EnterAsync(!isSingle);
        Assert.Null((await BeginAsync(!isSingle)).Ended);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task Of_two_processes_that_begin_together_one_becomes_active(bool isSingle)
    {
        await EnterAsync(!isSingle);
        await BeginAsync(isSingle);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => BeginAsync(!isSingle));

        Assert.Single((await single.LookAsync(Sign.None, default)).Living);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task An_epoch_that_is_silent_for_a_lease_ends_when_a_process_with_the_other_setting_begins(bool isSingle)
    {
        var silent = await BeginAsync(isSingle);
        await PassAsync(!isSingle, Lease);

        await EnterAsync(!isSingle);
        var begun = await BeginAsync(!isSingle);

        var look = await single.LookAsync(Sign.None, default);
        Assert.Equal(begun.Number, Assert.Single(look.Living).Number);
        Assert.DoesNotContain(look.Nodes, node => node.Name.Id == silent.Node.Id);
        Assert.Equal(EpochEnd.LeaseOver, (await each.LedgerAsync(new(), default)).Epochs.Single(row => row.Number == silent.Number).How);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task A_sign_of_life_or_a_late_look_begins_the_count_anew(bool isLate)
    {
        var active = await BeginAsync(isSingle: false);
        await PassAsync(isSingle: true, Lease * 2 / 3);
        if (isLate) clock.Advance(Lease);
        else await each.LookAsync(new Sign.Heartbeat(active.Node.Id, active.Number), default);
        await PassAsync(isSingle: true, Lease * 2 / 3);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => EnterAsync(isSingle: true));
    }

    /// <summary>Lets time pass, in which a process looks as often as a standby does.</summary>
    async Task PassAsync(bool isSingle, TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed <= time; passed += Lease / 3)
        {
            await StoreOf(isSingle).LookAsync(Sign.None, default);
            if (passed < time) clock.Advance(Lease / 3);
        }
    }

    Task<Look> EnterAsync(bool isSingle) => StoreOf(isSingle).LookAsync(new Sign.Enter(NameOf(isSingle), [], ["work"]), default);

    async Task<Epoch> BeginAsync(bool isSingle)
    {
        var changed = await StoreOf(isSingle).ChangeEpochsAsync(new() { Begin = NameOf(isSingle), Lease = isSingle ? Lease : null }, default);
        return changed.Begun!;
    }

    PostgreSqlStore StoreOf(bool isSingle) => isSingle ? single : each;

    static NodeName NameOf(bool isSingle) => new(isSingle ? "single" : "each", 7, "web-1", DateTimeOffset.UnixEpoch, null);

    static string Text(bool isSingle) => isSingle ? "true" : "false";

    public async ValueTask DisposeAsync()
    {
        await single.DisposeAsync();
        await each.DisposeAsync();
        await source.DisposeAsync();
    }
}
