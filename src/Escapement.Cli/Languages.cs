using System.Globalization;
using Escapement.Triggers;

namespace Escapement.Cli;

/// <summary>Determines the language of the tool's output.</summary>
static class Languages
{
    /// <summary>Returns the language of <c>--lang</c>, or the environment's language if the option is
    /// missing.</summary>
    /// <exception cref="FormatException">The language is not supported.</exception>
    public static Language Read(string? given) => given?.ToUpperInvariant() switch
    {
        null => IsChinese(OfEnvironment()) ? Language.Chinese : Language.English,
        "EN" => Language.English,
        "ZH" => Language.Chinese,
        _ => throw new FormatException($"--lang: '{given}' is not a language of this tool: en and zh are."),
    };

    // The order is POSIX's. The variables are read here, because a runtime without culture data has a single
    // culture.
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
