using Escapement;

var builder = WebApplication.CreateBuilder(args);
builder.AddEscapement(scheduler => scheduler.Add("report", "0 9 * * mon-fri", () => Console.WriteLine("Good morning.")));
// snippet
if (await builder.RunWorkersAsync(args) is { } exitCode) return exitCode;
// end
await builder.Build().RunAsync();
return 0;
