// A program with a usual start, and with a mistake on request: --mistake NAME.
using Escapement;
using Escapement.Console.Program;

var builder = WebApplication.CreateBuilder(args);
builder.AddEscapement(scheduler =>
{
    scheduler.Add("report", "0 9 * * mon-fri", () => { });
    scheduler.Handler("jobs:hello", (string name) => { });
    switch (builder.Configuration["mistake"])
    {
        case "parameter":
            scheduler.Add("mail", "0 10 * * *", (IMail mail) => mail.Send());
            break;

        case "constructor":
            scheduler.Add<MailHandler>("mail", "0 10 * * *");
            break;

        case "never":
            scheduler.Add("leap", "0 0 30 2 *", () => { });
            break;

        case "arguments":
            scheduler.Add("greet", "0 10 * * *", (string name, int count) => { });
            break;
    }
});
if (await builder.RunWorkersAsync(args) is { } exitCode) return exitCode;

var app = builder.Build();
app.MapEscapement();
await app.RunAsync();
return 0;
