// snippet
using Escapement.Triggers;

CronTrigger trigger = Cron.Parse("0 9 * * mon-fri", "Asia/Shanghai");
DateTimeOffset? next = trigger.Next(DateTimeOffset.UtcNow);       // the first fire time from an instant on
DateTimeOffset? last = trigger.Previous(DateTimeOffset.UtcNow);   // the last fire time before an instant
string sentence = TriggerSentence.Of(trigger, Language.English);  // the trigger in words, also in Chinese
// end
// snippet
TriggerContext context = new(ZoneClock.Get("Asia/Shanghai"), Now: DateTimeOffset.UtcNow);
Trigger polling = TriggerText.Parse("every 20 minutes except 22:00-06:00", context);
// end
Console.WriteLine($"{next} {last} {sentence} {polling}");
