using Escapement.Triggers;

// snippet
DateTimeOffset? next = Cron.Parse("0 9 * * mon-fri", "Asia/Shanghai").Next(DateTimeOffset.UtcNow);
// end
Console.WriteLine(next);
