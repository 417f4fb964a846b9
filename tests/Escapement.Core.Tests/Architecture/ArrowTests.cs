using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace Escapement.Core.Tests.Architecture;

/// <summary>The rules of docs/architecture.md that a machine can see in the source.</summary>
public partial class ArrowTests
{
    static readonly string[] Order = ["Jobs", "Ledger", "Rules", "Leadership", "Stores", "Engine", "Hosting"];

    static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../.."));

    static IEnumerable<string> Sources(string below) =>
        Directory.EnumerateFiles(Path.Combine(Root(), below), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    [GeneratedRegex(@"^\s*using (?:static )?Escapement\.(\w+)", RegexOptions.Multiline)]
    private static partial Regex Using { get; }

    [Fact]
    public void A_folder_of_the_core_names_only_folders_before_it()
    {
        List<string> wrong = [];
        foreach (var file in Sources("src/Escapement.Core"))
        {
            var folder = Path.GetRelativePath(Path.Combine(Root(), "src/Escapement.Core"), file).Split('/')[0];
            var place = Array.IndexOf(Order, folder);
            if (place < 0) continue;
            foreach (Match match in Using.Matches(File.ReadAllText(file)))
                if (Array.IndexOf(Order, match.Groups[1].Value) > place) wrong.Add($"{file}: {match.Value.Trim()}");
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Triggers_ledger_and_rules_have_no_clock_no_logger_and_do_not_wait()
    {
        string[] never = ["TimeProvider", "ILogger", "async ", "await "];
        var wrong = new[] { "src/Escapement.Triggers", "src/Escapement.Core/Ledger", "src/Escapement.Core/Rules" }.SelectMany(Sources)
            .SelectMany(file => never.Where(word => File.ReadAllText(file).Contains(word, StringComparison.Ordinal))
                .Select(word => $"{file}: {word}"));
        Assert.Empty(wrong);
    }

    [Fact]
    public void Files_can_be_read_in_one_sitting() =>
        Assert.All(Sources("src"), file => Assert.True(File.ReadLines(file).Count() <= 400, file));

    [Fact]
    public void The_core_brings_only_abstractions()
    {
        var packages = Regex.Matches(File.ReadAllText(Path.Combine(Root(), "src/Escapement.Core/Escapement.Core.csproj")),
            "PackageReference Include=\"([^\"]+)\"");
        Assert.All(packages, package => Assert.EndsWith(".Abstractions", package.Groups[1].Value, StringComparison.Ordinal));
    }
}
