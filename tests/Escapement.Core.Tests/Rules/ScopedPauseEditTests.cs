using Escapement.Ledger;
using Escapement.Rules;
using Xunit;
using static Escapement.Core.Tests.Rules.Arrange;

namespace Escapement.Core.Tests.Rules;

public sealed class ScopedPauseEditTests
{
    static readonly ScopedPause Night = Of(PauseScope.Tag, "night", 5);

    static ScopedPause Of(PauseScope scope, string name, double at, double? until = null) => new()
    {
        Scope = scope,
        Name = name,
        Pause = new() { At = At(at), Until = until is { } end ? At(end) : null, Action = 7 },
    };

    static StoredJob Tagged(PauseRecord? paused = null) =>
        Stored(Job(Every(10)) with { Options = Job(null).Options with { Tags = ["night"] } }, paused: paused);

    static PauseRecord Mark(double at = 5, double? until = null) => new()
    {
        At = At(at),
        Until = until is { } end ? At(end) : null,
        Action = 7,
        Scope = PauseScope.Tag,
        Name = "night",
    };

    [Fact]
    public void A_pause_is_of_a_tag_or_an_executor() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ScopedPauseEdit.Pause(PauseScope.Job, "j"));

    [Fact]
    public void A_resume_without_a_pause_writes_nothing() =>
        Assert.Null(ScopedPauseEdit.Resume(PauseScope.Tag, "night").Apply([], At(10)).Action);

    [Fact]
    public void A_pause_that_is_over_is_closed_at_its_end_by_the_next_pause()
    {
        var edited = ScopedPauseEdit.Pause(PauseScope.Tag, "night").Apply([Of(PauseScope.Tag, "night", 5, until: 20)], At(30));

        Assert.Equal((At(20), At(30)), (edited.ClosesAt, edited.Pause(9)!.At));
        Assert.Equal(9, Assert.Single(edited.After(9)).Pause.Action);
    }

    [Fact]
    public void A_second_pause_ends_the_first()
    {
        var edited = ScopedPauseEdit.Pause(PauseScope.Tag, "night", author: new() { By = "li" }).Apply([Night], At(30));

        Assert.Equal((At(30), At(30), "li"), (edited.ClosesAt, edited.Pause(9)!.At, edited.Pause(9)!.By));
    }

    [Fact]
    public void A_second_pause_with_the_same_note_and_end_writes_nothing()
    {
        var edited = ScopedPauseEdit.Pause(PauseScope.Tag, "night").Apply([Night], At(30));

        Assert.Null(edited.Action);
        Assert.Equal([Night], edited.After(9));
    }

    [Fact]
    public void A_pause_by_hand_of_a_job_of_a_paused_scope_is_a_pause_of_its_own()
    {
        foreach (var edit in new[] { JobEdits.Pause(Id), JobEdits.Change(Id, job => job with { Name = "k" }, pause: true) })
        {
            var edited = JobEdits.Apply(Tagged(Mark()), edit, At(30), [Night]);
            Assert.Equal(new PauseRecord { At = At(30) }, edited.After!.Paused);
            Assert.Equal(Mark(), edited.ClosesPause);
        }
    }

    [Fact]
    public void A_mark_whose_scope_is_not_paused_can_be_resumed_alone()
    {
        var edited = JobEdits.Apply(Tagged(Mark()), JobEdits.Resume(Id), At(25));
        Assert.Equal((null, At(30)), (edited.After!.Paused, edited.After.Next));
    }

    [Theory]
    [InlineData(5, 20)]
    [InlineData(30, 30)]
    public void The_pause_of_a_tag_takes_over_at_the_end_of_an_expired_pause_of_the_job_as_in_a_claim(double paused, double from)
    {
        var expired = Tagged(new() { At = At(0), Until = At(20) });
        foreach (var edit in new[] { JobEdits.Resume(Id), ScopedPauseEdit.Pause(PauseScope.Tag, "night").Of(Id) })
        {
            var edited = JobEdits.Apply(expired, edit, At(45), [Of(PauseScope.Tag, "night", paused)]);
            Assert.Equal((Mark(from), At(20)), (edited.After!.Paused, edited.After.Next));
        }
    }

    [Fact]
    public void The_pause_of_a_tag_that_a_job_gets_later_begins_with_the_tag()
    {
        var untagged = Stored(Job(Every(10)), paused: new() { At = At(0), Until = At(20) });
        var edited = JobEdits.Apply(untagged, JobEdits.Change(Id, _ => Tagged().Job), At(45), [Night]);
        Assert.Equal(Mark(45), edited.After!.Paused);
    }

    [Fact]
    public void An_unchanged_declaration_leaves_the_mark()
    {
        var declared = Tagged(Mark()) is var stored ? stored with { Job = stored.Job with { DeclaredHash = "1" } } : null;
        Assert.False(JobEdits.Apply(declared, JobEdits.Declare(declared!.Job), At(25), [Night]).Changed);
    }

    [Fact]
    public void The_pause_of_a_tag_concerns_the_jobs_with_the_tag_and_the_jobs_that_it_holds()
    {
        var resume = ScopedPauseEdit.Resume(PauseScope.Tag, "night");
        var untagged = Stored(Job(Every(10)));

        Assert.True(resume.Concerns(Tagged()));
        Assert.True(resume.Concerns(untagged with { Paused = Mark() }));
        Assert.False(resume.Concerns(untagged));
        Assert.False(resume.Concerns(Tagged() with { Ended = JobEnd.Removed }));
        Assert.Same(resume.Of(Id), resume.Of(Id));
    }
}
