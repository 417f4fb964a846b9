using Escapement.Leadership;
using Escapement.Ledger;
using Xunit;

namespace Escapement.Core.Tests.Leadership;

public class StartGateTests
{
    static readonly GateFacts Free = new("Web-1", ["*"], null, "KestrelServerImpl", "shop", false, null);

    [Fact]
    public void Nothing_stands_in_the_way_of_an_ordinary_program() => Assert.Null(StartGate.Check(Free));

    [Fact]
    public void A_server_that_never_listens_is_design_time() =>
        Assert.Equal(Reason.DesignTime, StartGate.Check(Free with { Server = "NoopServer" })!.Value.Reason);

    [Fact]
    public void A_test_host_starts_it_only_if_the_test_asks()
    {
        Assert.Equal(Reason.TestHost, StartGate.Check(Free with { Server = "TestServer" })!.Value.Reason);
        Assert.Null(StartGate.Check(Free with { Server = "TestServer", StartInTestHost = true }));
    }

    [Fact]
    public void Hosts_are_compared_in_lower_case()
    {
        Assert.Null(StartGate.Check(Free with { AllowedHosts = ["web-1"] }));
        Assert.Equal((Reason.HostNotAllowed, "Web-1"), StartGate.Check(Free with { AllowedHosts = ["web-2"] }));
    }

    [Fact]
    public void A_switch_names_its_setting()
    {
        var (reason, detail) = StartGate.Check(Free with { SwitchedOffBy = "ENABLED = false" })!.Value;
        Assert.Equal("Switched off by ENABLED = false. Remove the setting to run the scheduler or the job.", ReasonText.Of(reason, detail));
    }

    [Theory]
    [InlineData("KUBERNETES_SERVICE_HOST", "10.0.0.1", "Kubernetes")]
    [InlineData("WEBSITE_INSTANCE_ID", "x", "App Service")]
    [InlineData("DOTNET_RUNNING_IN_CONTAINER", "true", "container")]
    public void Surroundings_are_told_by_their_variables(string name, string value, string word) =>
        Assert.Contains(word, ContainerEnvironment.Detect(asked => asked == name ? value : null, _ => false)!, StringComparison.Ordinal);

    [Fact]
    public void A_container_is_told_by_its_mark()
    {
        Assert.Contains("/.dockerenv", ContainerEnvironment.Detect(_ => null, path => path == "/.dockerenv")!, StringComparison.Ordinal);
        Assert.Null(ContainerEnvironment.Detect(_ => null, _ => false));
    }

    [Fact]
    public void Every_reason_has_a_sentence() => Assert.All(Enum.GetNames<Reason>(), name => Assert.True(ReasonText.Has(name), name));
}
