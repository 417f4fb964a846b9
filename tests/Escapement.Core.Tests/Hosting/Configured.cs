using System.Text;
using Escapement.Hosting;
using Microsoft.Extensions.Configuration;

namespace Escapement.Core.Tests.Hosting;

/// <summary>Creates settings for a test, in the form of environment variables or of an appsettings.json.</summary>
static class Configured
{
    public static IConfiguration By(params (string Key, string? Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(value => KeyValuePair.Create(value.Key, value.Value))).Build();

    public static IConfiguration ByJson(string json) =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();

    public static EscapementOptions Read(params (string Key, string? Value)[] values) => Settings.Read(By(values));

    public static EscapementOptions ReadJson(string json) => Settings.Read(ByJson(json));

    public static IReadOnlyList<string> Faults(params (string Key, string? Value)[] values) =>
        Xunit.Assert.Throws<SettingsException>(() => Read(values)).Faults;

    public static string Fault(params (string Key, string? Value)[] values) => Xunit.Assert.Single(Faults(values));
}
