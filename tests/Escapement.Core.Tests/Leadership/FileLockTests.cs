using Escapement.Leadership;
using Xunit;

namespace Escapement.Core.Tests.Leadership;

public sealed class FileLockTests : IDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    readonly string folder = Directory.CreateTempSubdirectory("escapement-lock-").FullName;

    string Path => System.IO.Path.Combine(folder, "jobs.lock");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Only_one_of_two_takes_it()
    {
        using var first = FileLock.Create(Path);
        using var second = FileLock.Create(Path);
        Assert.True(first.TryTake());
        Assert.False(second.TryTake());
        first.Release();
        Assert.True(second.TryTake());
    }

    [Fact]
    public async Task A_waiter_gets_it_when_it_is_let_go()
    {
        using var first = FileLock.Create(Path);
        using var second = FileLock.Create(Path);
        first.TryTake();
        var waiting = second.TakeAsync(CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        first.Release();
        await waiting.WaitAsync(Limit);
        Assert.True(second.Held);
        Assert.False(first.TryTake());
    }

    [Fact]
    public async Task A_wait_that_is_no_longer_wanted_gives_it_up_at_once()
    {
        using var first = FileLock.Create(Path);
        using var second = FileLock.Create(Path);
        using var third = FileLock.Create(Path);
        first.TryTake();
        using var unwanted = new CancellationTokenSource();
        var waiting = second.TakeAsync(unwanted.Token);
        await unwanted.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        first.Release();
        await third.TakeAsync(CancellationToken.None).WaitAsync(Limit);
        Assert.False(second.Held);
    }

    [Fact]
    public async Task A_wait_that_is_wanted_again_gets_it()
    {
        using var first = FileLock.Create(Path);
        using var second = FileLock.Create(Path);
        first.TryTake();
        using var unwanted = new CancellationTokenSource();
        var given = second.TakeAsync(unwanted.Token);
        await unwanted.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        var again = second.TakeAsync(CancellationToken.None);
        first.Release();
        await again.WaitAsync(Limit);
        Assert.True(second.Held);
    }

    [Fact]
    public async Task Who_gets_the_lock_of_a_file_that_was_replaced_takes_the_new_ones()
    {
        using var first = FileLock.Create(Path);
        using var second = FileLock.Create(Path);
        first.TryTake();
        var waiting = second.TakeAsync(CancellationToken.None);
        File.Delete(Path);
        using var newcomer = FileLock.Create(Path);
        Assert.True(newcomer.TryTake());
        first.Release();
        newcomer.Release();
        await waiting.WaitAsync(Limit);
        Assert.False(second.WasReplaced());
        Assert.False(newcomer.TryTake());
    }

    [Fact]
    public void A_holder_notices_that_its_file_was_replaced_and_locks_the_new_one()
    {
        using var first = FileLock.Create(Path);
        first.TryTake();
        Assert.False(first.WasReplaced());
        File.Delete(Path);
        using var newcomer = FileLock.Create(Path);
        newcomer.TryTake();
        Assert.True(first.WasReplaced());
        Assert.False(first.TryTake());
        newcomer.Release();
        Assert.True(first.TryTake());
    }

    [Fact]
    public async Task A_waiter_whose_folder_is_gone_gets_the_lock_of_the_old_file_and_the_new_one_later()
    {
        var gone = Directory.CreateDirectory(System.IO.Path.Combine(folder, "gone")).FullName;
        var path = System.IO.Path.Combine(gone, "jobs.lock");
        using var first = FileLock.Create(path);
        using var second = FileLock.Create(path);
        first.TryTake();
        var waiting = second.TakeAsync(CancellationToken.None);
        Directory.Delete(gone, recursive: true);
        first.Release();
        await waiting.WaitAsync(Limit);
        Assert.False(second.WasReplaced());
        Directory.CreateDirectory(gone);
        Assert.True(second.TryTake());
        using var third = FileLock.Create(path);
        Assert.False(third.TryTake());
    }

    [Fact]
    public async Task A_lock_whose_files_identity_the_platform_does_not_tell_is_taken_and_its_deletion_is_noticed()
    {
        using var first = FileLock.Open(Path, () => new Unidentified(OwnFile.Open(Path, create: true)!) { Path = Path })!;
        using var second = FileLock.Open(Path, () => new Unidentified(OwnFile.Open(Path, create: true)!) { Path = Path })!;
        Assert.True(await Task.Run(first.TryTake).WaitAsync(Limit, TestContext.Current.CancellationToken));
        Assert.False(second.TryTake());
        var waiting = second.TakeAsync(CancellationToken.None);
        first.Release();
        await waiting.WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.False(second.WasReplaced());
        System.IO.File.Delete(Path);
        Assert.True(second.WasReplaced());
        Assert.True(second.TryTake());
    }

    /// <summary>A lock as on a platform without numbers for files.</summary>
    sealed class Unidentified(Flock file) : Flock(file.Handle)
    {
        public override bool TryLock() => file.TryLock();

        public override void Lock() => file.Lock();

        public override void Unlock() => file.Unlock();
    }

    [Fact]
    public void A_file_that_is_not_there_is_not_made_by_looking_for_it()
    {
        Assert.Null(FileLock.Find(Path));
        Assert.False(File.Exists(Path));
    }

    [Fact]
    public void The_holders_lines_can_be_read_while_it_is_held()
    {
        using var first = FileLock.Create(Path);
        first.TryTake();
        var holder = new LockHolder(4711, "web-1", new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero), "shop", "/data/jobs.db", 17);
        first.Write(holder.ToText());
        using var second = FileLock.Create(Path);
        Assert.Equal(holder, LockHolder.Parse(second.Read()));
        first.Write((holder with { Host = "a", Epoch = 18 }).ToText());
        Assert.Equal(holder with { Host = "a", Epoch = 18 }, LockHolder.Parse(second.Read()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("4711\n")]
    [InlineData("pid 4711")]
    [InlineData("pid -1\nhost a\nsince 2030-01-01T00:00:00Z\nepoch 1\n")]
    [InlineData("pid 99999999999999\nhost a\nsince 2030-01-01T00:00:00Z\nepoch 1\n")]
    [InlineData("pid 1\nhost a\nsince yesterday\nepoch 1\n")]
    public void Lines_that_are_not_a_holders_are_nobodys(string text) => Assert.Null(LockHolder.Parse(text));

    [Fact]
    public void A_folder_that_does_not_exist_is_named()
    {
        var missing = System.IO.Path.Combine(folder, "nowhere", "jobs.lock");
        var error = Assert.Throws<LockRefusedException>(() => FileLocks.Open(missing, "a-1-x"));
        Assert.Contains("nowhere", error.Message, StringComparison.Ordinal);
        Assert.Contains("SCHEDULER_LOCK_FILE", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(" at ", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_life_lock_that_is_free_tells_that_its_process_is_gone()
    {
        var mine = FileLocks.Open(Path, "a-1-x");
        var others = FileLocks.Open(Path, "b-2-y");
        var other = new Escapement.Ledger.NodeName("b-2-y", 2, "b", default, others.LifeLock);
        using (var life = mine.LifeOf(other)!) Assert.False(life.TryTake());
        others.Life.Dispose();
        using (var life = mine.LifeOf(other)!) Assert.True(life.TryTake());
        mine.Remove(other);
        Assert.Null(mine.LifeOf(other));
        mine.Life.Dispose();
        mine.Main.Dispose();
        others.Main.Dispose();
    }
}
