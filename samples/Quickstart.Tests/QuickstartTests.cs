using System.Text.Json;

namespace Quickstart.Tests;

public sealed class QuickstartTests
{
    [Fact]
    public async Task Five_minutes_have_150_samples_five_reports_and_a_backup()
    {
        await using QuickstartProgram program = new();
        program.StartServer();
        await program.Test.AdvanceAsync(TimeSpan.FromMinutes(5));
        program.Test.Ran("sample").Times(150).Succeeded();
        program.Test.Ran("report").AtExactly(
            "2041-05-06 08:00", "2041-05-06 08:01", "2041-05-06 08:02", "2041-05-06 08:03", "2041-05-06 08:04").Succeeded();
        program.Test.Ran("backup").AtExactly("2041-05-06 08:00").Succeeded();
        Assert.True(File.Exists(program.PathOf("backups/samples-20410506T080000Z.db")));
    }

    [Fact]
    public async Task A_report_sums_up_the_samples_of_the_last_hour()
    {
        await using QuickstartProgram program = new();
        program.StartServer();
        await program.Test.AdvanceAsync(TimeSpan.FromMinutes(2));
        await program.Test.RunAsync("report");
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(program.PathOf("report.json")));
        Assert.Equal(60, report.RootElement.GetProperty("hour").GetProperty("samples").GetInt32());
    }

    [Fact]
    public async Task The_newest_five_backups_are_kept()
    {
        await using QuickstartProgram program = new();
        program.StartServer();
        await program.Test.Scheduler.PauseAsync("sample");
        await program.Test.AdvanceAsync(TimeSpan.FromMinutes(31));
        program.Test.Ran("backup").Times(7).Succeeded();
        Assert.Equal(
            ["0810", "0815", "0820", "0825", "0830"],
            Directory.EnumerateFiles(program.PathOf("backups")).Select(file => Path.GetFileName(file)[17..21]).Order());
    }
}
