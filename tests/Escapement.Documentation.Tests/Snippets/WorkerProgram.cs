// snippet
using Escapement;
using Microsoft.Extensions.Hosting;

var builder = Host.CreateApplicationBuilder(args);
builder.AddEscapement(scheduler =>
    scheduler.Add("report", "0 9 * * mon-fri", (CancellationToken cancellationToken) => Console.WriteLine("Good morning.")));
await builder.Build().RunAsync();
// end
