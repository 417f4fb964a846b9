using Escapement;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddSingleton<Reports>();
builder.AddEscapement(scheduler =>
{
    // snippet
    scheduler.ExcludedDates("holidays", "2041-04-19", "2041-12-24/2042-01-02", "12-25");    // a day, a range, a day of each year
    scheduler.ExcludedDatesFile("works", "works.ics");                                     // an iCalendar file
    scheduler.Add("report", Daily.At(9, 30).Except("holidays", "works"), (Reports reports) => reports.WriteAsync());
    scheduler.Add("poll", Every.Minutes(5).Except("22:00-06:00"), (Reports reports) => reports.WriteAsync());
    // end
});
await builder.Build().RunAsync();

sealed class Reports
{
    public Task WriteAsync() => Task.CompletedTask;
}
