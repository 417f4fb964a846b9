using System.Text.Json;
using Escapement.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Escapement.Core.Tests.Jobs;

public class HandlerBinderTests
{
    sealed class Greeter
    {
        public string Hello(string name) => $"Hello {name}";
    }

    enum Colour { Red, Green }

    static readonly JsonSerializerOptions Json = new EscapementOptions().Json;
    static readonly ServiceProvider Services = new ServiceCollection().AddSingleton<Greeter>().AddScoped<ScopedGreeter>()
        .BuildServiceProvider();

    sealed class ScopedGreeter;

    static Handler Bind(Delegate handler) =>
        HandlerBinder.Bind("h", handler, Services.GetRequiredService<IServiceProviderIsService>(), Json);

    internal static JobContext Context(string args = "[]", string kwargs = "{}") => new()
    {
        Job = JobId.Parse("job"),
        Run = new(0, 1, 0),
        FireTime = DateTimeOffset.UnixEpoch,
        Attempt = 1,
        FencingToken = 7,
        Arguments = new(args, kwargs),
    };

    static async Task RunAsync(Handler handler, string args = "[]", string kwargs = "{}", CancellationToken cancellationToken = default) =>
        await handler.Run(Context(args, kwargs), handler.NeedsServices ? Services : null, cancellationToken);

    [Fact]
    public async Task Services_the_run_and_arguments_come_from_their_places()
    {
        using var cancellationToken = new CancellationTokenSource();
        string? seen = null;
        var handler = Bind((Greeter greeter, string name, JobContext run, int count, CancellationToken token) =>
            seen = $"{greeter.Hello(name)} {count} {run.FencingToken} {token == cancellationToken.Token}");
        await RunAsync(handler, """["Ann"]""", """{"count": 3}""", cancellationToken.Token);
        Assert.Equal("Hello Ann 3 7 True", seen);
        Assert.True(handler.NeedsServices);
    }

    [Fact]
    public async Task Defaults_are_honoured()
    {
        List<object?> seen = [];
        var handler = Bind((int a = 5, string? b = "x", Colour c = Colour.Green, decimal d = 1.5m, DateTime e = default, int? f = null,
            Colour? g = Colour.Red) => seen.AddRange([a, b, c, d, e, f, g]));
        await RunAsync(handler);
        Assert.Equal([5, "x", Colour.Green, 1.5m, default(DateTime), null, Colour.Red], seen);
        Assert.False(handler.NeedsServices);
    }

    [Fact]
    public async Task JobArguments_takes_whatever_is_given()
    {
        JobArguments? seen = null;
        var handler = Bind((JobArguments all) => { seen = all; });
        handler.Check(new("[1,2]", """{"x": 3}"""));
        await RunAsync(handler, "[1,2]", """{"x": 3}""");
        Assert.Equal(new("[1,2]", """{"x": 3}"""), seen);
    }

    [Fact]
    public void A_list_of_what_the_container_does_not_know_is_an_argument()
    {
        var handler = Bind((IEnumerable<int> numbers, IEnumerable<Greeter> greeters) => { });
        handler.Check(new("[[1,2]]", "{}"));
        Assert.Throws<ArgumentMismatchException>(() => handler.Check(JobArguments.None));
    }

    [Theory]
    [InlineData("[1]", "{}", "The following arguments have not been supplied: b"),
        InlineData("[]", "{}", "The following arguments have not been supplied: a, b")]
    [InlineData("[1,2,3]", "{}", "longer than the handler can take (allowed: 2, given in args: 3)"),
        InlineData("[1,2]", """{"c": 1}""", "does not accept the following keyword arguments: c")]
    [InlineData("[1,2]", """{"a": 1}""", "supplied in both args and kwargs: a"), InlineData("""[1,"x"]""", "{}",
        "The argument b is \"x\", which cannot be read as Int32"), InlineData("[null,1]", "{}", "argument a is null")]
    public void What_does_not_fit_is_said(string args, string kwargs, string says) =>
        Assert.Contains(says, Assert.Throws<ArgumentMismatchException>(() => Bind((int a, int b, CancellationToken cancellationToken,
            JobContext context) =>
        { }).Check(new(args, kwargs))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Every_way_to_return_is_awaited()
    {
        foreach (var (handler, blocks) in new (Delegate, bool)[]
        {
            (() => { }, true), (() => 5, true), (() => Task.CompletedTask, false), (() => Task.FromResult(5), false),
            (() => ValueTask.CompletedTask, false),
            (() => new ValueTask<int>(5), false), (async () => { await Task.Yield(); return 5; }, false),
            (async ValueTask<int> () => { await Task.Yield(); return 5; }, false),
        })
        {
            var bound = Bind(handler);
            Assert.Equal(blocks, bound.Blocks);
            await RunAsync(bound);
        }
    }

    [Fact]
    public async Task A_task_that_goes_on_is_waited_for()
    {
        var end = new TaskCompletionSource();
        var run = Bind(async ValueTask<int> () => { await end.Task; return 1; }).Run(Context(), null, default);
        Assert.False(run.IsCompleted);
        end.SetResult();
        await run;
    }

    [Fact]
    public async Task Exceptions_come_out_as_they_were_thrown()
    {
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => RunAsync(Bind(void () => throw new TimeZoneNotFoundException())));
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() =>
            RunAsync(Bind(async () => { await Task.Yield(); throw new TimeZoneNotFoundException(); })));
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() =>
            RunAsync(Bind(async ValueTask<int> () => { await Task.Yield(); throw new TimeZoneNotFoundException(); })));
    }

    static async void Forgotten() => await Task.Yield();

    static async IAsyncEnumerable<int> Stream()
    {
        await Task.Yield();
        yield return 1;
    }

    static void ByReference(ref int a) => a++;

    delegate void RefAction(ref int a);

    [Fact]
    public void What_cannot_be_bound_is_refused_at_registration()
    {
        Assert.Contains("async void", Assert.Throws<ArgumentException>(() => Bind(Forgotten)).Message, StringComparison.Ordinal);
        Assert.Contains("would not be awaited", Assert.Throws<ArgumentException>(() => Bind(Stream)).Message, StringComparison.Ordinal);
        Assert.Contains("by value", Assert.Throws<ArgumentException>(() => Bind((RefAction)ByReference)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_method_of_an_object_and_a_static_method_can_be_given()
    {
        var list = new List<int>();
        await RunAsync(Bind(list.Add), "[4]");
        await RunAsync(Bind(Extend), kwargs: """{"value": 5}""");
        await RunAsync(Bind(list.Extended), "[6]");
        Assert.Equal([4, 6], list);
    }

    static void Extend(int value) => Assert.Equal(5, value);

    [Fact]
    public void An_unknown_handler_is_told_with_the_nearest()
    {
        var registry = new HandlerRegistry([Bind(() => { })]);
        Assert.Contains("Registered are h", Assert.Throws<HandlerNotFoundException>(() => registry.Get("x:y:z")).Message,
            StringComparison.Ordinal);
        Assert.Contains("The nearest is 'h'", Assert.Throws<HandlerNotFoundException>(() => registry.Get("hi")).Message,
            StringComparison.Ordinal);
    }
}

static class ListExtensions
{
    public static void Extended(this List<int> list, int value) => list.Add(value);
}
