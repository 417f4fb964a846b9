using System.Text.Json;

namespace Escapement.Documentation.Tests;

/// <summary>Every block of code in a page comes from a program that compiles.</summary>
public sealed class SnippetTests
{
    static readonly string[] Languages = ["csharp", "json", "sh", "console", "text"];

    public static TheoryData<string> Programs => [.. Snippet.Programs.Select(snippet => snippet.Name)];

    [Theory, MemberData(nameof(Programs))]
    public void A_program_compiles(string name) =>
        Assert.Empty(Snippet.Compile(Snippet.Programs.Single(snippet => snippet.Name == name).Source, name));

    [Fact]
    public void A_program_with_a_fault_is_found()
    {
        var errors = Snippet.Compile("""builder.AddEscapement(scheduler => scheduler.Ad("report"));""", "planted");
        Assert.NotEmpty(errors);
    }

    [Fact]
    public void Every_block_of_code_is_a_part_of_a_program()
    {
        var parts = Snippet.All.SelectMany(snippet => snippet.Parts).ToHashSet(StringComparer.Ordinal);
        var without = CodeBlock.All.Where(block => block.Language is "csharp" && !parts.Contains(block.Text));
        Assert.Empty(without.Select(block => $"{block} is in no program and no test:\n{block.Text}"));
    }

    [Fact]
    public void Every_part_of_a_program_is_shown_in_a_page()
    {
        var shown = CodeBlock.All.Where(block => block.Language is "csharp").Select(block => block.Text).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(Snippet.All.SelectMany(snippet => snippet.Parts.Where(part => !shown.Contains(part))
            .Select(part => $"{snippet.Name} has a part that no page shows:\n{part}")));
    }

    [Fact]
    public void Every_block_names_its_language() =>
        Assert.Empty(CodeBlock.All.Where(block => !Languages.Contains(block.Language))
            .Select(block => $"{block} begins with ```{block.Language}. Allowed are {string.Join(", ", Languages)}."));

    [Fact]
    public void Every_block_of_json_is_json()
    {
        Assert.All(CodeBlock.All.Where(block => block.Language is "json"), block =>
        {
            var error = Record.Exception(() => JsonDocument.Parse(block.Text).Dispose());
            Assert.True(error is null, $"{block}: {error?.Message}");
        });
    }
}
