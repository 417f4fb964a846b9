using Escapement.Jobs;
using Escapement.Rules;

namespace Escapement.PostgreSql.Tests;

public sealed class NotifierTests : IAsyncDisposable
{
    readonly PostgreSqlUnderTest source = new();
    readonly List<PostgreSqlStore> stores = [];

    [Fact]
    public async Task Whoever_lost_its_session_looks_once_and_hears_again()
    {
        var (store, other) = (await OpenAsync(), await OpenAsync());
        Heard heard = new(store);
        await Server.Current.ExecuteAsync(
            $"select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'escapement notifier of {source.Schema}'");

        await heard.UntilAsync(StoreSignal.Work | StoreSignal.Epoch | StoreSignal.RunEnded);
        heard.Clear();
        other.Notifier.Notify(new(StoreSignal.Probe));
        await heard.UntilAsync(StoreSignal.Probe);
    }

    [Fact]
    public async Task An_ended_run_is_named_to_the_other_processes()
    {
        var (store, other) = (await OpenAsync(), await OpenAsync());
        Heard heard = new(store);
        RunId run = new(-5, 7, 1);

        other.Notifier.Notify(new(StoreSignal.RunEnded, [run]));

        await heard.UntilAsync(StoreSignal.RunEnded);
        Assert.Equal([run], heard.All.Runs);
    }

    [Fact]
    public async Task What_a_process_says_itself_is_heard_once()
    {
        var (store, other) = (await OpenAsync(), await OpenAsync());
        var times = 0;
        store.Notifier.Subscribe(notification => Interlocked.Add(ref times, notification.Signal == StoreSignal.Work ? 1 : 0));
        Heard heard = new(store);

        store.Notifier.Notify(new(StoreSignal.Work));
        other.Notifier.Notify(new(StoreSignal.Epoch));

        // Messages arrive in their order, so that the own one would have arrived before.
        await heard.UntilAsync(StoreSignal.Work | StoreSignal.Epoch);
        Assert.Equal(1, times);
    }

    [Theory]
    [InlineData(""), InlineData("N"), InlineData("N 1"), InlineData("N x 1"), InlineData("N 1 1 no-run"), InlineData("A 1 2 3 4 {"),
        InlineData("A 1 2 3"), InlineData("Z 1 2"), InlineData("Q 1 two")]
    public void A_message_of_another_program_is_ignored(string message) => Assert.Null(NotifierMessage.Read(message));

    [Fact]
    public void A_flood_of_questions_keeps_a_limited_number_and_wakes_the_sender_once()
    {
        PendingQuestions asked = new();

        Assert.Equal(1, Enumerable.Range(0, 20_000).Count(number => asked.Add(1, number)));

        Assert.Equal(PendingQuestions.Max, asked.Take().Length);
        Assert.Empty(asked.Take());
        Assert.True(asked.Add(1, 1));
    }

    [Fact]
    public async Task A_flood_of_questions_keeps_no_notification_back()
    {
        var (store, other) = (await OpenAsync(), await OpenAsync());
        Heard heard = new(store);
        await Server.Current.ExecuteAsync(
            $"select pg_notify('escapement_{source.Schema}', 'Q 1 ' || number) from generate_series(1, 20000) number");

        other.Notifier.Notify(new(StoreSignal.Probe));

        await heard.UntilAsync(StoreSignal.Probe);
    }

    [Fact]
    public async Task A_message_of_another_program_harms_nothing()
    {
        var (store, other) = (await OpenAsync(), await OpenAsync());
        Heard heard = new(store);
        await Server.Current.ExecuteAsync($"select pg_notify('escapement_{source.Schema}', 'N 1 1 no-run')");

        other.Notifier.Notify(new(StoreSignal.Work));

        await heard.UntilAsync(StoreSignal.Work);
    }

    async Task<PostgreSqlStore> OpenAsync()
    {
        var store = source.Store(TimeProvider.System);
        stores.Add(store);
        await store.OpenAsync("test", default);
        return store;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in stores) await store.DisposeAsync();
        await source.DisposeAsync();
    }

    sealed class Heard
    {
        readonly Lock gate = new();
        (StoreSignal Signals, TaskCompletionSource Heard)? awaited;

        public Heard(PostgreSqlStore store) => store.Notifier.Subscribe(notification =>
        {
            lock (gate)
            {
                All = All.And(notification);
                if (awaited is var (signals, heard) && (All.Signal & signals) == signals) heard.TrySetResult();
            }
        });

        public Notification All { get; private set; }

        public void Clear()
        {
            lock (gate) All = default;
        }

        public Task UntilAsync(StoreSignal signals)
        {
            lock (gate)
            {
                if ((All.Signal & signals) == signals) return Task.CompletedTask;
                TaskCompletionSource heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
                awaited = (signals, heard);
                return heard.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
            }
        }
    }
}
