using Escapement;
using Escapement.ReplayHost;

try
{
    var arguments = Arguments.Parse(args);
    await using var host = ReplayServer.Build(Setup.Read(arguments.Setup), arguments.Urls);
    await host.App.RunAsync();
    return 0;
}
catch (Exception e) when (e is UsageException or SettingsException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}
