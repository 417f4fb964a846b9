// snippet
using Escapement;

var builder = WebApplication.CreateBuilder(args);
builder.AddEscapement(scheduler =>
    scheduler.Add("report", "0 9 * * mon-fri", (ILogger<Program> log) => log.LogInformation("报表已生成。")));
var app = builder.Build();
app.MapEscapement();                                                // REST API，路径为 /scheduler
app.Run();
// end
