// snippet
using Escapement;

var builder = WebApplication.CreateBuilder(args);
builder.AddEscapement(scheduler =>
    scheduler.Add("report", "0 9 * * mon-fri", (CancellationToken cancellationToken) => Console.WriteLine("Good morning.")));
var app = builder.Build();
app.MapEscapement();
app.Run();
// end
