using Escapement;

var builder = WebApplication.CreateBuilder(args);
// snippet
builder.AddEscapement(scheduler => scheduler.Handler("jobs:hello", (string name) => Console.WriteLine($"Hello, {name}")));
var app = builder.Build();
app.MapEscapement();
app.Run();
// end
