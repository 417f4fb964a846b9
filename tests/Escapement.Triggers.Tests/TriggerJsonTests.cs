using Xunit;

namespace Escapement.Triggers.Tests;

public sealed class TriggerJsonTests
{
    [Theory]
    [InlineData("""{"trigger": "cron", "year": 2040, "hour": 9, "minute": "*/15"}""",
        """{"trigger":"cron","year":"2040","hour":"9","minute":"*/15"}""")]
    [InlineData("""{"trigger": "cron", "minute": "5", "hour": null, "end_date": "2040-01-01T00:00:00Z"}""",
        """{"trigger":"cron","minute":"5","end_date":"2040-01-01T08:00:00+08:00"}""")]
    [InlineData("""{"trigger": "cron", "expression": "0 9 * * mon-fri", "jitter": 2.5}""",
        """{"trigger":"cron","expression":"0 9 * * mon-fri","jitter":2.5}""")]
    [InlineData("""{"trigger": "interval", "hours": 30, "start_date": "2040-01-01 08:00:00"}""",
        """{"trigger":"interval","days":1,"hours":6,"start_date":"2040-01-01T08:00:00+08:00"}""")]
    [InlineData("""{"trigger": "interval", "days": 15, "seconds": 1.5, "start_date": "2040-01-01T08:00:00-03:00"}""",
        """{"trigger":"interval","weeks":2,"days":1,"seconds":1.5,"start_date":"2040-01-01T08:00:00-03:00"}""")]
    [InlineData("""{"trigger": "date", "run_date": "2042-01-01T00:00:00+00:00"}""",
        """{"trigger":"date","run_date":"2042-01-01T00:00:00+00:00"}""")]
    [InlineData("""{"trigger": "date"}""", """{"trigger":"date","run_date":"2030-01-01T08:00:00+08:00"}""")]
    [InlineData("""{"trigger": "cron", "hour": 9, "timezone": "Europe/Berlin"}""",
        """{"trigger":"cron","hour":"9","timezone":"Europe/Berlin"}""")]
    [InlineData("""{"trigger": "or", "triggers": [{"trigger": "cron", "hour": 9}, {"trigger": "date", "run_date": "2042-01-01"}]}""",
        """{"trigger":"or","triggers":[{"trigger":"cron","hour":"9"},{"trigger":"date","run_date":"2042-01-01T00:00:00+08:00"}]}""")]
    public void REST_shows_what_was_given(string given, string shown) =>
        Assert.Equal(shown, FireTimes.Write(FireTimes.Read(given, "Asia/Shanghai"), TriggerStyle.Rest, "Asia/Shanghai"));

    [Theory]
    [InlineData("""{"trigger": "interval", "hours": 1, "start_date": "2040-06-01T08:00:00-03:00"}""", "2040-06-01T08:00:00-03:00")]
    [InlineData("""{"trigger": "interval", "hours": 1, "start_date": "2040-06-01 08:00:00"}""", "2040-06-01T08:00:00+02:00")]
    [InlineData("""{"trigger": "date", "run_date": "2040-06-01T08:00:00+00:00"}""", "2040-06-01T08:00:00+00:00")]
    [InlineData("""{"trigger": "cron", "hour": 8, "start_date": "2040-06-01T00:00:00+00:00"}""", "2040-06-01T08:00:00+02:00")]
    public void A_fire_time_is_shown_with_the_offset_that_was_given(string given, string shown)
    {
        var trigger = FireTimes.Read(FireTimes.Write(FireTimes.Read(given, "Europe/Berlin"), TriggerStyle.Stored));
        Assert.Equal(shown, IsoTime.Format(trigger.Display(trigger.Next(FireTimes.At("2040-01-01"))!.Value)));
    }

    [Theory]
    [InlineData("""{"trigger": "sometimes"}""", "trigger: 'sometimes' is not a kind of trigger")]
    [InlineData("""{"trigger": "corn"}""", "did you mean cron?")]
    [InlineData("""{"trigger": "cron", "hour": "\ud800"}""", "half a character")]
    [InlineData("""{"trigger": "\ud800"}""", "half a character")]
    [InlineData("""{"trigger": "cron", "\ud800": 1}""", "half a character")]
    [InlineData("""{"trigger": "or", "triggers": [{"trigger": "date", "run_date": "\ud800"}]}""", "half a character")]
    [InlineData("""{"hour": 9}""", "trigger: no kind is given: the kinds are and,")]
    [InlineData("""{"trigger": "cron"}""", "give at least one of the fields")]
    [InlineData("""{"trigger": "cron", "hours": 9}""", "did you mean hour?")]
    [InlineData("""{"trigger": "cron", "hour": 9.5}""", "hour: 9.5 is not a cron field")]
    [InlineData("""{"trigger": "cron", "hour": 9, "expression": "* * * * *"}""", "not both")]
    [InlineData("""{"trigger": "cron", "hour": 9, "jitter": -1}""", "jitter: -1 is out of range")]
    [InlineData("""{"trigger": "interval"}""", "has no length")]
    [InlineData("""{"trigger": "interval", "seconds": 0}""", "is not above zero")]
    [InlineData("""{"trigger": "interval", "seconds": 1e30}""", "is out of range")]
    [InlineData("""{"trigger": "interval", "weeks": 1000000000000}""", "is longer than a hundred years")]
    [InlineData("""{"trigger": "interval", "seconds": true}""", "seconds: true is not a number")]
    [InlineData("""{"trigger": "interval", "seconds": 5, "start_date": 5}""", "start_date: 5 is not a text")]
    [InlineData("""{"trigger": "date", "run_date": "tomorrow"}""", "run_date: 'tomorrow' is not a date")]
    [InlineData("""{"trigger": "date", "timezone": "Europe/Berlim"}""", "Did you mean Europe/Berlin?")]
    [InlineData("""{"trigger": "and"}""", "triggers: nothing is given")]
    [InlineData("""{"trigger": "or", "triggers": []}""", "triggers: [] is not a list of triggers")]
    [InlineData("""{"trigger": "calendarinterval"}""", "months: a calendar interval has no length")]
    [InlineData("""{"trigger": "calendarinterval", "months": 1.5}""", "months: 1.5 is not allowed: whole numbers from 0")]
    [InlineData("""{"trigger": "calendarinterval", "years": 1000}""", "is too long")]
    [InlineData("""{"trigger": "calendarinterval", "days": 1, "hour": 24}""", "hour: 24 is not allowed: whole numbers from 0 to 23")]
    [InlineData("""{"trigger": "calendarinterval", "days": 1, "start_date": "2030-02-30"}""", "start_date: '2030-02-30' is not a day")]
    [InlineData("""{"trigger": "calendarinterval", "days": 1, "missing_day": "first"}""", "missing_day: 'first' is not a rule")]
    [InlineData("""{"trigger": "cron", "hour": 9, "exclude": ["2030-02-30"]}""", "exclude: '2030-02-30' is not a day")]
    [InlineData("""{"trigger": "cron", "hour": 9, "exclude": ["22:00-22:00"]}""", "exclude: '22:00-22:00' is not a part of a day")]
    [InlineData("""{"trigger": "cron", "hour": 9, "exclude": ["2030-01-02/2030-01-01"]}""", "is not a day")]
    [InlineData("""{"trigger": "cron", "hour": 9, "exclude": ["feasts"]}""", "exclude: 'feasts' is not a set of excluded dates")]
    [InlineData("""{"trigger": "cron", "hour": 9, "exclude": []}""", "excludes nothing")]
    [InlineData("""{"trigger": "cron", "hour": 9, "exclude": 5}""", "exclude: 5 is not a list")]
    [InlineData("""{"trigger": "cron", "hour": 9, "times": 0}""", "times: 0 is not allowed")]
    [InlineData("""{"trigger": "cron", "hour": 9, "times_from": "2030-01-01"}""", "counts nothing")]
    [InlineData("""{"trigger": "date", "run_date": "2030-01-01", "times": 2}""", "a field that a trigger of kind date does not have")]
    [InlineData("""{"trigger": "or", "triggers": [{"trigger": "cron", "hour": 9, "jitter": 5}]}""", "triggers[0].jitter: 5 is inside or")]
    [InlineData("""{"trigger": "or", "triggers": [{"trigger": "cron", "hour": 9}, {"trigger": "cron", "hour": 25}]}""",
        "triggers[1].hour: 25")]
    [InlineData("""{"trigger": "cron", "hour": 9, "hour": 10}""", "hour: 10 stands there a second time")]
    [InlineData("""{"trigger": "or", "triggers": [5]}""", "triggers[0].trigger: 5 is not a trigger")]
    public void A_message_names_the_field_the_value_and_what_is_allowed(string given, string part) =>
        Assert.Contains(part, Assert.ThrowsAny<FormatException>(() => FireTimes.Read(given)).Message, StringComparison.Ordinal);
}
