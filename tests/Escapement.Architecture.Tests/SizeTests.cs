using Escapement.Architecture.Tests.Graph;

namespace Escapement.Architecture.Tests;

/// <summary>A room stays small enough to be read in an afternoon, and a file to be read in one sitting.</summary>
public sealed class SizeTests
{
    const int MaxLinesOfFile = 400;

    /// <summary>A part of the source with its limit in lines of code, and with the goal of the limit.</summary>
    sealed record Room(string Name, Func<SourceFile, bool> Holds, int Limit, int Goal);

    static readonly Room[] Rooms =
    [
        new("the triggers without Explain", file => file.Project == "Escapement.Triggers" && !IsExplain(file), Limit: 4535, Goal: 3400),
        new("Explain", IsExplain, Limit: 1100, Goal: 900),
        new("the core", file => file.Project == "Escapement.Core", Limit: 15100, Goal: 8000),
    ];

    /// <summary>The files above the limit, each with a limit of its own until the file is split.</summary>
    static readonly Dictionary<string, int> LongerFiles = [];

    [Fact]
    public void A_room_stays_below_its_limit() => Faults.AssertNone(Oversize(Products.Files, Rooms));

    [Fact]
    public void No_limit_is_below_its_goal() => Assert.All(Rooms, room => Assert.True(room.Limit >= room.Goal, room.Name));

    [Fact]
    public void A_file_can_be_read_in_one_sitting() => Faults.AssertNone(LongFiles(Products.Files, LongerFiles));

    [Fact]
    public void A_room_above_its_limit_is_found() =>
        Assert.Equal(["Explain has 1101 lines of code: the limit is 1100, the goal 900"], Oversize(
            [
                SourceFile.Of("Escapement.Triggers", "Explain/A.cs", Lines("int a;", 700)),
                SourceFile.Of("Escapement.Triggers", "Explain/B.cs", Lines("int b;", 401)),
                SourceFile.Of("Escapement.Triggers", "Kinds/C.cs", Lines("int c;", 400)),
            ], Rooms));

    [Fact]
    public void A_file_above_its_limit_is_found() =>
        Assert.Equal(["Planted/Rules/Long.cs has 401 lines: the limit is 400"],
            LongFiles(
                [SourceFile.Of("Planted", "Rules/Long.cs", Lines("// A", 401)), SourceFile.Of("Planted", "A.cs", Lines("//", 400))], []));

    [Fact]
    public void A_longer_file_has_a_limit_of_its_own_until_it_is_split()
    {
        Dictionary<string, int> limits = new() { ["Planted/A.cs"] = 450, ["Planted/B.cs"] = 450, ["Planted/C.cs"] = 450 };
        SourceFile OfLines(string name, int lines) => SourceFile.Of("Planted", name, Lines("//", lines));
        Assert.Equal(
            ["Planted/B.cs has 451 lines: the limit is 450", "Planted/C.cs has at most 400 lines, so remove the row from the table"],
            LongFiles([OfLines("A.cs", 450), OfLines("B.cs", 451), OfLines("C.cs", 400)], limits));
    }

    [Fact]
    public void Blank_lines_and_comments_are_no_lines_of_code() =>
        Assert.Equal((14, 7), SourceFile.Of("Planted", "A.cs", """"
            // A comment.
            /// <summary>Documentation.</summary>
            class A // A comment after code.
            {
                /* A comment
                   over lines. */

                const string Text = """
                    // a text

                    """;
            }
            /* A comment. */
            // At the end.

            """") is var file ? (file.Lines, file.CodeLines) : default);

    static string Lines(string line, int count) => string.Concat(Enumerable.Repeat(line + "\n", count));

    /// <summary>Returns the rooms with more lines of code than their limit.</summary>
    static IEnumerable<string> Oversize(IReadOnlyList<SourceFile> files, IEnumerable<Room> rooms) => rooms
        .Select(room => (Room: room, Size: files.Where(room.Holds).Sum(file => file.CodeLines)))
        .Where(one => one.Size > one.Room.Limit)
        .Select(one => $"{one.Room.Name} has {one.Size} lines of code: the limit is {one.Room.Limit}, the goal {one.Room.Goal}");

    /// <summary>Returns the files with more lines of any kind than a file may have.</summary>
    static IEnumerable<string> LongFiles(IReadOnlyList<SourceFile> files, Dictionary<string, int> limits)
    {
        var above = files.Where(file => file.Lines > MaxLinesOfFile)
            .ToDictionary(file => $"{file.Project}/{file.Path}", file => file.Lines);
        return above.Where(file => file.Value > limits.GetValueOrDefault(file.Key, MaxLinesOfFile))
            .Select(file => $"{file.Key} has {file.Value} lines: the limit is {limits.GetValueOrDefault(file.Key, MaxLinesOfFile)}")
            .Concat(limits.Keys.Except(above.Keys)
                .Select(file => $"{file} has at most {MaxLinesOfFile} lines, so remove the row from the table"));
    }

    static bool IsExplain(SourceFile file) => file.Project == "Escapement.Triggers" && AssemblyGraph.FolderOf(file.Path) == "Explain";
}
