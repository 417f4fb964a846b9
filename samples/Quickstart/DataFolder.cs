using Escapement;

namespace Quickstart;

/// <summary>Where the sample keeps all that it writes: the scheduler's store, its own database, reports and backups.</summary>
sealed class DataFolder
{
    const string Project = "Quickstart.csproj";

    DataFolder(string path) => Root = path;

    /// <summary>The folder's full path; it exists and can be written.</summary>
    public string Root { get; }

    /// <summary>Takes the folder that was asked for, and makes it if need be.</summary>
    /// <param name="asked">From the command line, relative to the current folder; null for <c>.escapement</c> beside the sample's source, or beside the program where that was published.</param>
    /// <exception cref="IOException">It cannot be used; the message is for people.</exception>
    public static DataFolder Open(string? asked)
    {
        var path = asked switch
        {
            null => Path.Combine(Home(), ".escapement"),
            "" => throw new IOException("--data is empty. Give it a folder."),
            _ => Path.GetFullPath(asked),
        };
        if (File.Exists(path)) throw new IOException($"--data '{path}' is a file. Give it a folder.");
        try
        {
            Directory.CreateDirectory(path);
            var probe = Path.Combine(path, $".writable-{Environment.ProcessId}");
            using (File.Create(probe, 1, FileOptions.DeleteOnClose)) return new(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"--data '{path}' cannot be written: {e.Message} Give it a folder that the user {Environment.UserName} may write.", e);
        }
    }

    /// <summary>The full path of something in it.</summary>
    public string PathOf(string name) => Path.Combine(Root, name);

    /// <summary>Keeps the scheduler's store here, unless a setting says where.</summary>
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
