// A port of a Flask-APScheduler program. Settings, routes and names of functions are unchanged.
using Escapement;

var builder = WebApplication.CreateBuilder(args);
builder.AddEscapement(scheduler => scheduler
    .Handler("jobs:add", (int a, int b, ILogger<Program> log) => log.LogInformation("{A} + {B} = {Sum}", a, b, a + b))
    .Handler("jobs:report", (string name, ILogger<Program> log) => log.LogInformation("The report {Name} is written.", name)));
var app = builder.Build();
app.MapEscapement();
app.MapGet("/", () => "Hello from the port.");
app.Run();
