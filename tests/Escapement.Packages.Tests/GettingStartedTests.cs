namespace Escapement.Packages.Tests;

/// <summary>A reader follows docs/getting-started.md in empty folders, word for word, with the packed packages.</summary>
public sealed class GettingStartedTests(PackedFolder packed)
{
    [Theory]
    [InlineData("A worker", "Reports")]
    [InlineData("A web API", "Shop")]
    [InlineData("Templates", "OtherShop")]
    public async Task A_section_of_the_page_can_be_followed(string heading, string project)
    {
        await using Walk walk = new(packed.Folder(Path.Combine(PackedFolder.WithRegistries, heading)), packed);
        await walk.FollowAsync(Page.Steps("docs/getting-started.md", heading));
        Assert.Equal(project, Path.GetFileName(walk.Project));
        Assert.True(File.Exists(Path.Combine(walk.Project, ".escapement", "escapement.db")));
        Assert.Equal(0, await walk.StopAsync());
    }
}
