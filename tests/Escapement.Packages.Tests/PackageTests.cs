namespace Escapement.Packages.Tests;

/// <summary>The packages, as a user finds them: their metadata, a program that restores them, and the installed tool.</summary>
public sealed class PackageTests(PackedFolder packed)
{
    public static TheoryData<string> Ids => [.. PackedFolder.Ids];

    [Fact]
    public void Each_project_of_src_and_templates_is_a_package() =>
        Assert.Equal(
            ((string[])["src", "templates"]).SelectMany(below => Directory.EnumerateDirectories(Path.Combine(PackedFolder.Root, below)))
                .Where(folder => Directory.EnumerateFiles(folder, "*.csproj").Any()).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(packed.Packages, "*.nupkg")
                .Select(file => Path.GetFileName(file).Replace($".{packed.Version}.nupkg", "", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(Ids))]
    public void A_package_says_what_it_is(string id)
    {
        var manifest = packed.Manifest(id);
        string Value(string name) => manifest.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value ?? "";
        Assert.Equal(id, Value("id"));
        Assert.Equal("MIT", Value("license"));
        Assert.Equal("README.md", Value("readme"));
        Assert.Contains("scheduler", Value("tags"), StringComparison.Ordinal);
        Assert.NotEqual("Package Description", Value("description"));
        using var package = packed.Open(id);
        Assert.NotNull(package.GetEntry("LICENSE"));
        using var readme = new StreamReader(package.GetEntry("README.md")!.Open());
        var text = readme.ReadToEnd();
        Assert.StartsWith($"# {id}\n", text, StringComparison.Ordinal);
        // A link into the repository leads nowhere on a package's page.
        Assert.DoesNotContain("](", text, StringComparison.Ordinal);
        if (id == "Escapement.Templates") return;

        using var symbols = packed.Open(id, "snupkg");
        Assert.Contains(symbols.Entries, entry => entry.Name.EndsWith(".pdb", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Ids))]
    public void A_package_needs_only_listed_packages(string id)
    {
        // A cell names packages in full, or by their last part behind the first one's prefix: ".Logging.Abstractions".
        var listed = File.ReadLines(Path.Combine(PackedFolder.Root, "docs/dependencies.md"))
            .Where(line => line.StartsWith('|'))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells[2] == id)
            .SelectMany(cells => cells[1].Split([',', ' ', '(', ')'], StringSplitOptions.RemoveEmptyEntries))
            .Select(name => name.StartsWith('.') ? $"Microsoft.Extensions{name}" : name)
            .ToHashSet();
        var needed = packed.Manifest(id).Descendants().Where(element => element.Name.LocalName == "dependency");
        Assert.All(needed, dependency =>
        {
            var name = dependency.Attribute("id")!.Value;
            if (PackedFolder.Ids.Contains(name))
            {
                Assert.Equal(packed.Version, dependency.Attribute("version")!.Value);
            }
            else
            {
                Assert.Contains(name, listed);
            }
        });
    }

    [Fact]
    public async Task A_program_outside_the_repository_restores_Escapement_and_runs_a_job()
    {
        var folder = packed.Folder("program");
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Escapement" Version="{packed.Version}" />
                <PackageReference Include="Microsoft.Extensions.Hosting" Version="{HostingVersion()}" />
              </ItemGroup>
            </Project>
            """, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), """
            using Escapement;
            using Microsoft.Extensions.DependencyInjection;
            using Microsoft.Extensions.Hosting;

            var ran = new TaskCompletionSource();
            var builder = Host.CreateApplicationBuilder(args);
            builder.AddEscapement(scheduler => scheduler.Add("once", "* * * * * *", () =>
            {
                ran.TrySetResult();
            }));
            using var host = builder.Build();
            await host.StartAsync();
            await ran.Task.WaitAsync(TimeSpan.FromMinutes(1));
            await host.StopAsync();
            Console.WriteLine("The job ran.");
            """, TestContext.Current.CancellationToken);
        var output = await Dotnet.RunAsync("dotnet", folder, packed.Cache, "run");
        Assert.Contains("The job ran.", output, StringComparison.Ordinal);
        Assert.True(Directory.Exists(Path.Combine(packed.Cache, "escapement.sqlite", packed.Version)),
            "Escapement.Sqlite came from elsewhere.");
    }

    [Fact]
    public async Task The_tool_installs_and_answers()
    {
        var folder = packed.Folder("tool");
        var tools = Path.Combine(folder, "bin");
        await Dotnet.RunAsync("dotnet", folder, packed.Cache, "tool", "install", "Escapement.Cli", "--version", packed.Version,
            "--tool-path", tools);
        var output = await Dotnet.RunAsync(Path.Combine(tools, "escapement"), folder, packed.Cache, "explain", "30 9 * * mon", "--zone",
            "UTC");
        Assert.Contains("9:30", output, StringComparison.Ordinal);
    }

    // The program takes the version that the repository's tests use, which the machine's cache is sure to have.
    static string HostingVersion() =>
        System.Xml.Linq.XElement.Load(Path.Combine(PackedFolder.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .Single(package => package.Attribute("Include")?.Value == "Microsoft.Extensions.Hosting").Attribute("Version")!.Value;
}
