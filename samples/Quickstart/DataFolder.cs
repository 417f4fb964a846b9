using Escapement;

namespace Quickstart;

/// <summary>The folder for all files of the sample: the scheduler's store, the samples database, reports and
/// backups.</summary>
sealed class DataFolder
{
    const string Project = "Quickstart.csproj";

    DataFolder(string path) => Root = path;

    /// <summary>The full path of the folder. The folder exists and is writable.</summary>
    public string Root { get; }

    /// <summary>Opens the requested folder, and creates a missing folder.</summary>
    /// <param name="asked">The path from the command line, relative to the current folder. Null for <c>.escapement</c>
    /// beside the sample's source, or beside a published program.</param>
    /// <exception cref="IOException">The folder is not usable. The message is shown to the user.</exception>
    public static DataFolder Open(string? asked)
    {
        var path = asked switch
        {
            null => Path.Combine(Home(), ".escapement"),
            "" => throw new IOException("--data is empty. Set a folder."),
            _ => Path.GetFullPath(asked),
        };
        if (File.Exists(path)) throw new IOException($"--data '{path}' is a file. Set a folder.");
        try
        {
            Directory.CreateDirectory(path);
            var probe = Path.Combine(path, $".writable-{Environment.ProcessId}");
            using (File.Create(probe, 1, FileOptions.DeleteOnClose)) return new(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"--data '{path}' cannot be written: {e.Message} Set a folder with write access for the user {Environment.UserName}.", e);
        }
    }

    /// <summary>Returns the full path of a file in the folder.</summary>
    public string PathOf(string name) => Path.Combine(Root, name);

    /// <summary>Stores the jobs in this folder, unless a setting chooses another store.</summary>
    public void KeepStore(EscapementOptions options)
    {
        if (options.Store is { Kind: null, Path: null }) options.Store = new("sqlite", PathOf("escapement.db"));
    }

    static string Home()
    {
        var program = new DirectoryInfo(AppContext.BaseDirectory);
        for (var folder = program; folder is not null && program.Name != "publish"; folder = folder.Parent)
            if (folder is { Name: "bin", Parent.FullName: var source } && File.Exists(Path.Combine(source, Project))) return source;
        return program.FullName;
    }
}
