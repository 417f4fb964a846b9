using System.Text.Json;
using Escapement;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddScoped<ShopDb>().AddSingleton<IMail, NoMail>();
builder.AddEscapement(scheduler =>
{
    // snippet
    scheduler.Add("clean-up", Every.Hours(1), async (ShopDb db, CancellationToken cancellationToken) =>
        await db.RemoveExpiredCartsAsync(cancellationToken));
    // end

    // snippet
    scheduler.Add<InvoiceHandler>("invoices", "0 6 1 * *");
    scheduler.Add<OrderMailHandler>("order-mail").KeyLasts();                // no trigger: runs on request only
    scheduler.Handler("jobs:resize", (string file, int width) => Images.Resize(file, width));
    // end

    // snippet
    scheduler.Add("thumbnails", Every.Minutes(10), (string folder, int width) => Images.ResizeAll(folder, width))
        .Kwargs(new { folder = "uploads", width = 200 });
    // end

    // snippet
    scheduler.Add("sync", Every.Minutes(5), (ShopDb db) => db.SyncAsync())
        .MisfireGrace(TimeSpan.FromMinutes(2))              // how late a fire time may still run
        .MaxInstances(2)                                    // how many runs of the job go on at once, 1 by default
        .Executor("slow")                                   // which of EXECUTORS limits the runs
        .RerunIfInterrupted()                               // at least once instead of at most once
        .Priority(-10).Tags("shop").Description("Copies orders from the shop");
    // end

    // snippet
    scheduler.Add("ping", Every.Seconds(5), (ShopDb db) => db.SyncAsync())
        .HistoryRuns(1_000).HistoryFailedDays(14);          // the newest 1,000 runs, and each failure of two weeks
    // end
});
var app = builder.Build();
// snippet
app.MapPost("/orders/{id:int}", async (int id, string to, IScheduler scheduler) =>
{
    var run = await scheduler.RunAsync("order-mail", new { orderId = id, to }, key: $"order-{id}");
    return Results.Accepted($"/scheduler/runs/{run.Id}", new { run.Id, run.Existing });
});
// end
app.Run();

// snippet
sealed class InvoiceHandler(ShopDb db, ILogger<InvoiceHandler> log) : IJobHandler
{
    public async Task RunAsync(JobContext context, CancellationToken cancellationToken) =>
        log.LogInformation("{Count} invoices for {Day}", await db.WriteInvoicesAsync(cancellationToken), context.FireTime);
}
// end

// snippet
sealed record OrderMail(int OrderId, string To);

sealed class OrderMailHandler(IMail mail) : IJobHandler<OrderMail>
{
    public Task RunAsync(OrderMail args, JobContext context, CancellationToken cancellationToken) =>
        mail.SendAsync(args.To, $"Order {args.OrderId}", cancellationToken);
}
// end

static class Calls
{
    public static async Task RunAsync(IScheduler scheduler, CancellationToken cancellationToken)
    {
        // snippet
        var now = await scheduler.RunAsync("order-mail", new OrderMail(7, "ada@example.org"));
        var later = await scheduler.RunAsync("order-mail", new { orderId = 8, to = "ada@example.org" }, after: TimeSpan.FromHours(1));
        var dated = await scheduler.RunAsync("report", at: new DateTimeOffset(2041, 5, 6, 9, 0, 0, TimeSpan.FromHours(8)));

        RunInfo ended = await now.EndAsync(cancellationToken);          // waits until the run has an outcome
        RunInfo? found = await scheduler.FindRunAsync("3-1893456000000000-1");
        // end
    }

    public static async Task RunManyAsync(IScheduler scheduler, IReadOnlyList<OrderMail> mails, CancellationToken cancellationToken)
    {
        // snippet
        await scheduler.RunManyAsync([.. mails.Select(order => new RunRequest
        {
            Job = JobId.Parse("order-mail"),
            Arguments = JobArguments.From(args: null, kwargs: JsonSerializer.SerializeToElement(order)),
            Key = $"order-{order.OrderId}",
        })], cancellationToken);
        // end
    }

    public static async Task BackfillAsync(IScheduler scheduler)
    {
        // snippet
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow);
        BackfillResult planned = await scheduler.BackfillAsync("report", from, to, dryRun: true);      // lists the fire times
        BackfillResult missed = await scheduler.BackfillAsync("report", from, to);                     // every missed fire time
        BackfillResult paused = await scheduler.BackfillAsync("report", from, to, [Reason.Paused]);    // only for this reason
        // end
    }

    public static async Task ChangeJobsAsync(IScheduler scheduler, CancellationToken cancellationToken)
    {
        // snippet
        await scheduler.AddAsync(new("thumbnails-eu", handler: "jobs:resize")
        {
            Trigger = "every 20 minutes except 22:00-06:00",                // text, or Every.Minutes(20), or TriggerBuilder.Cron(...)
            Arguments = new("[]", """{"file": "eu.png", "width": 200}"""),
            Policies = new() { MaxInstances = 2 },
        });
        await scheduler.ChangeAsync("thumbnails-eu", new() { Trigger = Every.Hours(1) });
        await scheduler.PauseAsync("thumbnails-eu", new(by: "ops", why: "migration", until: DateTimeOffset.UtcNow.AddHours(2)));
        await scheduler.ResumeAsync("thumbnails-eu");
        await scheduler.RemoveAsync("thumbnails-eu");
        // end
    }

    public static async Task PauseAsync(IScheduler scheduler)
    {
        // snippet
        await scheduler.PauseAsync("report", new(by: "li", why: "db move", until: DateTimeOffset.UtcNow.AddHours(2)));
        await scheduler.PauseTagAsync("nightly", new(by: "li", why: "db move"));           // all jobs with the tag
        await scheduler.PauseExecutorAsync("mail", new(by: "li", why: "no mail server"));  // all jobs of the executor
        await scheduler.PauseAllAsync(new(by: "li", why: "db move"));                      // everything

        IReadOnlyList<ListedPause> pauses = await scheduler.PausesAsync();                   // who paused what, since when, why, until when
        await scheduler.ResumeTagAsync("nightly");
        await scheduler.SkipNextAsync("report", new() { By = "li", Why = "holiday" });     // a single fire time
        // end
    }

    public static async Task TellWhoAsync(IScheduler scheduler)
    {
        // snippet
        IScheduler byLi = scheduler.As(new() { By = "li", Why = "ticket 4711", Origin = "back office" });
        await byLi.ChangeAsync("report", new() { Trigger = Every.Hours(1) });

        ActionPage changes = await scheduler.ActionsAsync(new() { Job = JobId.Parse("report"), Limit = 20 });
        foreach (var change in changes.Actions) Console.WriteLine($"{change.At:u} {change.By} {change.Kind} {change.Before} {change.After}");
        // end
    }

    public static async Task ReadAsync(IScheduler scheduler, CancellationToken cancellationToken)
    {
        // snippet
        JobInfo job = await scheduler.JobAsync("report");                   // next fire time, pause, options, version
        IReadOnlyList<JobInfo> jobs = await scheduler.JobsAsync();
        RunInfoPage failed = await scheduler.RunsAsync(new() { Job = job.Id, Outcomes = new HashSet<Outcome> { Outcome.Failed } });
        SchedulerInfo state = await scheduler.StateAsync();                 // is any process active, is the scheduler paused
        IReadOnlyList<NodeInfo> nodes = await scheduler.NodesAsync();       // the processes: active, or why not
        // end
    }
}

interface IMail
{
    Task SendAsync(string to, string subject, CancellationToken cancellationToken);
}

sealed class NoMail : IMail
{
    public Task SendAsync(string to, string subject, CancellationToken cancellationToken) => Task.CompletedTask;
}

static class Images
{
    public static void Resize(string file, int width) => Console.WriteLine($"{file} {width}");

    public static void ResizeAll(string folder, int width) => Console.WriteLine($"{folder} {width}");
}

sealed class ShopDb
{
    public Task RemoveExpiredCartsAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<int> WriteInvoicesAsync(CancellationToken cancellationToken) => Task.FromResult(0);

    public Task SyncAsync() => Task.CompletedTask;
}
