using System.Runtime.CompilerServices;
using Escapement.Hosting;
using Xunit;

namespace Escapement.Core.Tests.Hosting;

/// <summary>Compares docs/settings.md with the table of keys.</summary>
public class DocumentationTests
{
    static string Page([CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "../../../docs/settings.md"));

    [Fact]
    public void Every_key_has_its_row()
    {
        var page = Page();
        Assert.All(Settings.Keys, key => Assert.Contains(
            $"| `{key.SectionName}` | `{key.Variable}` | {key.Form} | {key.Default} | {key.Meaning} |\n", page, StringComparison.Ordinal));
        Assert.All(Settings.Keys.Where(key => key.OldName is not null), key =>
            Assert.Contains($"`SCHEDULER_{key.OldName}`", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_key_has_its_example() =>
        Assert.All(Settings.Keys, key => Assert.Contains($"{key.Variable}={Quoted(key.Example)}\n", Page(), StringComparison.Ordinal));

    static string Quoted(string example) => example.Contains('"', StringComparison.Ordinal) ? $"'{example}'" : example;
}
