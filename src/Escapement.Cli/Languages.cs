using System.Globalization;
using Escapement.Triggers;

namespace Escapement.Cli;

/// <summary>In which language the tool speaks.</summary>
static class Languages
{
    /// <summary>That of <c>--lang</c>; without it, that of the environment.</summary>
    /// <exception cref="FormatException">It is neither of the two.</exception>
    public static Language Read(string? given) => given?.ToUpperInvariant() switch
    {
        null => IsChinese(OfEnvironment()) ? Language.Chinese : Language.English,
        "EN" => Language.English,
        "ZH" => Language.Chinese,
        _ => throw new FormatException($"--lang: '{given}' is not a language of this tool: en and zh are."),
    };

    // In this order by POSIX. Read here because a runtime without culture data has only one culture, whatever the variables say.
    static string OfEnvironment()
    {
        foreach (var name in (string[])["LC_ALL", "LC_MESSAGES", "LANG"])
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value) return value;
        }

        return CultureInfo.CurrentUICulture.Name;
    }

    static bool IsChinese(string name) =>
        name.StartsWith("zh", StringComparison.OrdinalIgnoreCase) && (name.Length == 2 || !char.IsAsciiLetter(name[2]));
}
