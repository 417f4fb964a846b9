using System.Diagnostics;
using System.Text;

namespace Escapement.Documentation.Tests;

/// <summary>Every command of the tool in a page answers as the page shows.</summary>
public sealed class CommandTests
{
    const string Prompt = "$ ";

    public static TheoryData<string> Blocks =>
        [.. CodeBlock.All.Where(block => block.Language is "console" && block.Page is not "docs/rest.md").Select(block => $"{block}")];

    [Theory, MemberData(nameof(Blocks))]
    public async Task A_command_answers_as_the_page_shows(string place)
    {
        var block = CodeBlock.All.Single(block => $"{block}" == place);
        StringBuilder answered = new();
        foreach (var line in block.Text.Split('\n').Where(line => line.StartsWith(Prompt, StringComparison.Ordinal)))
        {
            answered.Append(line).Append('\n').Append(await RunAsync(line[Prompt.Length..]));
        }

        Assert.Equal(block.Text.TrimEnd('\n'), answered.ToString().TrimEnd('\n'));
    }

    [Fact]
    public async Task A_sentence_is_the_sentence_of_the_table()
    {
        var rows = await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "docs", "cli.md"), TestContext.Current.CancellationToken);
        var sentences = rows.SkipWhile(row => row != "| text | sentence |").Skip(2).TakeWhile(row => row.StartsWith('|'))
            .Select(row => row.Split('|', StringSplitOptions.TrimEntries)).ToList();
        Assert.NotEmpty(sentences);
        foreach (var row in sentences)
        {
            var answered = await RunAsync($"escapement explain '{row[1].Trim('`')}' --zone UTC --lang en");
            Assert.Equal(row[2], answered.Split('\n')[0]);
        }
    }

    [Fact]
    public void A_page_shows_commands_with_a_prompt()
    {
        Assert.NotEmpty(Blocks);
        Assert.Empty(CodeBlock.All.Where(block => block.Language is "console" && !block.Text.StartsWith(Prompt, StringComparison.Ordinal))
            .Select(block => $"{block} does not begin with '{Prompt}'."));
    }

    /// <summary>Runs a line of the shell, in which <c>escapement</c> is the tool, beside the files that pages name.</summary>
    static async Task<string> RunAsync(string line)
    {
        ProcessStartInfo start = new("bash", ["-c", $"escapement() {{ dotnet '{Repository.Tool}' \"$@\"; }}\n({line}) 2>&1"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = Path.Combine(Repository.Project, "Files"),
        };
        foreach (var name in (string[])["LC_ALL", "LC_MESSAGES", "LANG"]) start.Environment.Remove(name);

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output;
    }
}
