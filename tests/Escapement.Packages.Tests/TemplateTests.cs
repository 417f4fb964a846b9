namespace Escapement.Packages.Tests;

/// <summary>The templates create a program that compiles for any name. GettingStartedTests run a program with a usual name.</summary>
public sealed class TemplateTests(PackedFolder packed)
{
    [Fact]
    public async Task A_worker_with_blanks_and_dots_in_its_name_runs()
    {
        await using var walk = Walk("blanks");
        await walk.FollowAsync(
        [
            new("sh", """
                dotnet new install Escapement.Templates
                dotnet new escapement-worker -n "My reports.2 new-x"
                cd My reports.2 new-x
                dotnet run
                """),
            new("text", "Nothing new."),
        ]);
        Assert.Contains("namespace My_reports._2_new_x;",
            await File.ReadAllTextAsync(Path.Combine(walk.Project, "ReportHandler.cs"), TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
        Assert.Equal(0, await walk.StopAsync());
    }

    [Fact]
    public async Task A_web_application_with_a_number_in_front_compiles()
    {
        await using var walk = Walk("numbers");
        await walk.FollowAsync([new("sh", """
            dotnet new install Escapement.Templates
            dotnet new escapement-web -o "2 shops.eu"
            cd 2 shops.eu
            dotnet build
            """)]);
        Assert.Equal([".gitignore", "2 shops.eu.csproj", "OrderMailHandler.cs", "Program.cs", "appsettings.json"],
            Directory.EnumerateFiles(walk.Project).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    Walk Walk(string name) => new(packed.Folder(Path.Combine(PackedFolder.WithRegistries, name)), packed);
}
