namespace Escapement.ReplayHost;

/// <summary>Reports an unusable command line, or an unusable file on the command line.</summary>
public sealed class UsageException(string message) : Exception(message);

/// <summary>The command line.</summary>
/// <param name="Setup">The file of a transcript. Its first line describes the server.</param>
/// <param name="Urls">The addresses to listen on.</param>
public sealed record Arguments(string Setup, string Urls)
{
    const string Usage = "Usage: --setup FILE [--urls URL], where FILE is a transcript whose first line is its setup.";

    public static Arguments Parse(string[] args)
    {
        string? setup = null, urls = null;
        for (var i = 0; i < args.Length; i++)
        {
            var (name, value) = args[i].Split('=', 2) is [var before, var after]
                ? (before, after)
                : (args[i], i + 1 < args.Length ? args[++i] : null);
            switch (name)
            {
                case "--setup": setup = value; break;
                case "--urls": urls = value; break;
                default: throw new UsageException($"'{name}' is no option. {Usage}");
            }

            if (string.IsNullOrWhiteSpace(value)) throw new UsageException($"{name} has no value. {Usage}");
        }

        return new(setup ?? throw new UsageException($"--setup is missing. {Usage}"), urls ?? "http://127.0.0.1:5000");
    }
}
